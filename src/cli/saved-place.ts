import { dirname, sep } from 'node:path'
import type { TorrentResult } from '../client/progress.js'

/** Where to look for what was downloaded: the file, or the deepest folder that holds all files. */
export function savedPlace(result: TorrentResult): string {
  const [first, ...others] = result.files
  if (first === undefined) return 'standard output'
  let place = first
  for (const file of others) {
    while (file !== place && !file.startsWith(place.endsWith(sep) ? place : place + sep))
      place = dirname(place)
  }
  return place
}
