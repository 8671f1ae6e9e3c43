/**
 * How often the state of a torrent is to be saved while pieces come in. What arrived since the last save is
 * what a crash costs, and each save waits until the disk has all that was written.
 */
export const RESUME_SAVE_MS = 5_000
