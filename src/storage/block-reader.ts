/**
 * Reads blocks for peers through the pool, whole spans at once and far ahead of what was asked for, never one
 * read per block. The worker opens the files itself, to read only: that costs a hundredth of reading a MiB
 * from the page cache, makes nothing that is absent, and serves data in a read-only place.
 */
import { OptionError } from '../core/errors.js'
import { BLOCK_BYTES } from '../core/geometry.js'
import { storageError } from './disk-errors.js'
import type { DiskSpan, FileMap } from './file-map.js'
import type { PiecePool } from './piece-pool.js'
import type { BlockStretch, ReadImages } from './piece-store.js'
import { BLOCKS_PER_IMAGE, BLOCKS_PER_READ, IMAGE_BYTES, ZEROS } from './piece-tasks.js'

/** Room for {@link BLOCKS_PER_IMAGE} blocks with their headers. */
export function makeImage(): ArrayBuffer {
  return new ArrayBuffer(IMAGE_BYTES)
}

/** See `PieceStore.readBlocks`. Rejects with `OptionError` for a stretch that is none of the torrent's. */
export async function readBlocks(
  { map, pool }: { readonly map: FileMap; readonly pool: PiecePool },
  stretch: BlockStretch,
  images: readonly ArrayBuffer[],
): Promise<ReadImages> {
  const { geometry } = map.metainfo
  const { index, firstBlock, blockCount } = stretch
  expectSensible(stretch, geometry.blockCount(index), images)
  const begin = firstBlock * BLOCK_BYTES
  const length = Math.min(blockCount * BLOCK_BYTES, geometry.pieceBytes(index) - begin)
  const spans = map.spans(geometry.pieceOffset(index) + begin, length)
  if (!(await areReachable(spans))) return { images, outcome: 'missing' }
  const reads = readsOf(spans)
  const task = { buffers: images, pieceIndex: index, begin, length, ...reads }
  const { buffers, isMissing, failure } = await pool.run('readBlocks', task)
  if (failure !== undefined) throw storageError(failure, reads.paths[failure.subject] ?? map.folder.path)
  return { images: buffers, outcome: isMissing ? 'missing' : 'read' }
}

function expectSensible(
  { index, firstBlock, blockCount }: BlockStretch,
  blocksOfPiece: number,
  images: readonly ArrayBuffer[],
): void {
  const isStretch = firstBlock >= 0 && blockCount > 0 && firstBlock + blockCount <= blocksOfPiece
  const fits = blockCount <= BLOCKS_PER_READ && blockCount <= images.length * BLOCKS_PER_IMAGE
  if (isStretch && fits && images.every((image) => image.byteLength === IMAGE_BYTES)) return
  const what = `${blockCount} blocks from ${firstBlock} of piece ${index} into ${images.length} images`
  throw new OptionError('BAD_OPTION', `cannot read ${what}`)
}

async function areReachable(spans: readonly DiskSpan[]): Promise<boolean> {
  for (const { file } of spans) if (file !== undefined && !(await file.isReachable())) return false
  return true
}

function readsOf(spans: readonly DiskSpan[]): { paths: string[]; spans: number[] } {
  const paths: string[] = []
  const flat: number[] = []
  for (const { file, position, length } of spans) {
    if (file !== undefined && paths.at(-1) !== file.path) paths.push(file.path)
    flat.push(file === undefined ? ZEROS : paths.length - 1, position, length)
  }
  return { paths, spans: flat }
}
