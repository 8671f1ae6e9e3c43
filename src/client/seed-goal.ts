/** When a torrent has been seeded enough. Pure: the torrent brings the facts. */
export interface SeedGoal {
  /** Uploaded bytes, of all runs, per byte of the selection. Infinity: no matter. */
  readonly ratio: number
  /** Spent seeding in this run; pauses do not count. Infinity: no matter. */
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

/** How long a torrent has been seeding, without the pauses between. */
export class SeedingTime {
  #spentMs = 0
  #seenMs = 0

  /** Seeding begins, or goes on. */
  begin(nowMs: number): void {
    this.#seenMs = nowMs
  }

  /** Seeding goes on until now: the sum so far. */
  spend(nowMs: number): number {
    this.#spentMs += nowMs - this.#seenMs
    this.#seenMs = nowMs
    return this.#spentMs
  }
}
