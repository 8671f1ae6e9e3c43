/**
 * Pieces at the edge of the selection hold bytes of files that were not selected. Those may lie where an earlier run
 * of a larger selection has put them: then such a piece is right without any parts file.
 */
import { Bitfield } from '../core/bitfield.js'
import { StorageError } from '../core/errors.js'
import type { PieceIndex } from '../core/geometry.js'
import { type CheckOptions, type ExistingData, findExisting } from './existing-data.js'
import { FileMap } from './file-map.js'
import type { PiecePool } from './piece-pool.js'

interface Tools {
  readonly map: FileMap
  readonly pool: PiecePool
}

/** Adds to what was found those that are right in the files of their own. What is in the way of these is no error. */
export async function findEdgePieces(
  { map, pool }: Tools,
  { found }: Pick<ExistingData, 'found'>,
  { only, throwIfStopped }: CheckOptions,
): Promise<void> {
  const missing = missingEdges(map, found, only)
  if (missing.count === 0) return
  const whole = new FileMap(map.metainfo, map.folder, () => true)
  const options = { only: missing, onProgress: undefined, throwIfStopped }
  const existing = await findExisting({ map: whole, pool }, options).catch(unlessInTheWay)
  if (existing === undefined) return
  for (let index = 0; index < found.size; index++) if (existing.found.has(index)) found.set(index)
}

function missingEdges(map: FileMap, found: Bitfield, only: Bitfield | undefined): Bitfield {
  const missing = new Bitfield(found.size)
  if (!map.hasUnselected) return missing
  for (const fileIndex of map.selected) {
    const { first, end } = map.metainfo.geometry.piecesOfFile(fileIndex)
    for (const index of end > first ? [first, end - 1] : []) {
      const isAsked = !found.has(index) && (only === undefined || only.has(index))
      if (isAsked && isAtEdge(map, index as PieceIndex)) missing.set(index)
    }
  }
  return missing
}

function isAtEdge(map: FileMap, index: PieceIndex): boolean {
  return map.pieceSpans(index).some(({ file }) => file === map.parts)
}

function unlessInTheWay(error: unknown): undefined {
  if (!(error instanceof StorageError)) throw error
}
