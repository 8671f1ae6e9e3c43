/** How long to wait between announces, whatever a tracker asks for. Pure. */

export interface AnnounceIntervals {
  readonly intervalMs: number
  /** Never above `intervalMs`. */
  readonly minIntervalMs: number
}

/** From seconds as the tracker gave them; undefined for what it left out. */
export function announceIntervals(
  intervalSeconds: number | undefined,
  minIntervalSeconds: number | undefined,
): AnnounceIntervals {
  const intervalMs = clampedMs(intervalSeconds ?? DEFAULT_INTERVAL_SECONDS)
  const minIntervalMs = clampedMs(minIntervalSeconds ?? DEFAULT_MIN_INTERVAL_SECONDS)
  return { intervalMs, minIntervalMs: Math.min(minIntervalMs, intervalMs) }
}

const DEFAULT_INTERVAL_SECONDS = 30 * 60
const DEFAULT_MIN_INTERVAL_SECONDS = 2 * 60
/** Below, a tracker would have us flood it (or somebody else); above, it would silence us. */
const SHORTEST_INTERVAL_SECONDS = 30
const LONGEST_INTERVAL_SECONDS = 24 * 60 * 60

function clampedMs(seconds: number): number {
  return Math.min(LONGEST_INTERVAL_SECONDS, Math.max(SHORTEST_INTERVAL_SECONDS, seconds)) * 1000
}
