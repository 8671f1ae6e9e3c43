import { readvSync } from 'node:fs'
import { READ_FIELDS, type ReadAnswer, type ReadTask, ZEROS } from '../src/storage/piece-tasks.js'
import { diskFailure, moveBack } from './answers.js'
import { layOutBlocks, Places } from './block-images.js'
import { OpenedFile } from './open-regular.js'

/**
 * Reads blocks for peers into images of what goes over the wire. A span of a file goes with one call straight
 * into its places between the headers: nothing is copied twice.
 */
export function readBlocks(task: ReadTask): ReadAnswer {
  const { buffers, paths, spans } = task
  const payload = new Places(layOutBlocks(task))
  const file = new OpenedFile()
  let isMissing = false
  let at = 0
  try {
    for (; at < spans.length && !isMissing; at += READ_FIELDS) {
      const [path, position, length] = [spans[at]!, spans[at + 1]!, spans[at + 2]!]
      const places = payload.take(length)
      if (path === ZEROS) for (const place of places) place.fill(0)
      else isMissing = !fillFromFile(file.open(paths[path]!), position, places)
    }
    return moveBack({ buffers, isMissing, failure: undefined }, buffers)
  } catch (error) {
    return moveBack({ buffers, isMissing, failure: diskFailure(error, spans[at]!) }, buffers)
  } finally {
    file.close()
  }
}

/** False when the file is absent or ends too early. */
function fillFromFile(fd: number | undefined, position: number, places: Uint8Array[]): boolean {
  if (fd === undefined) return false
  let left = places
  for (let from = position; left.length > 0; ) {
    const count = readvSync(fd, left, from)
    if (count === 0) return false
    from += count
    left = without(left, count)
  }
  return true
}

/** What is left of the places after their first bytes: nearly always nothing. */
function without(places: Uint8Array[], filled: number): Uint8Array[] {
  let left = filled
  for (const [nth, place] of places.entries()) {
    if (left < place.length) return [place.subarray(left), ...places.slice(nth + 1)]
    left -= place.length
  }
  return []
}
