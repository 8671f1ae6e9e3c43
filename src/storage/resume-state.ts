/** What is remembered of a torrent from one run to the next, and when it may be believed. */

/**
 * How often the state is to be saved while pieces come in: what a crash costs is fetched again, and each save
 * waits for the disk to have all that was written.
 */
export const RESUME_SAVE_MS = 5_000
