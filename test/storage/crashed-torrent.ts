import { type SampleTorrent, sampleTorrent } from './sample-torrent.js'

/** The same in the run that is killed and in the one that looks at what it left. */
export function crashedTorrent(): SampleTorrent {
  const files = [100_000, 3, 0, 60_000, 250_000, 17].map((length, nth) => ({ path: `T/${nth}`, length }))
  return sampleTorrent(files, 8192)
}
