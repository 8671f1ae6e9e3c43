/** When a torrent has been seeded enough. Pure: the torrent brings the facts. */
export interface SeedGoal {
  /** Uploaded bytes, of all runs, per byte of the selection. Infinity: no matter. */
  readonly ratio: number
  /** Since it was complete, in this run. Infinity: no matter. */
  readonly timeMs: number
}

export interface SeedFacts {
  readonly uploadedBytes: number
  readonly totalBytes: number
  readonly seedingMs: number
}

/** Whichever comes first. */
export function isSeeded(goal: SeedGoal, { uploadedBytes, totalBytes, seedingMs }: SeedFacts): boolean {
  return uploadedBytes >= goal.ratio * totalBytes || seedingMs >= goal.timeMs
}
