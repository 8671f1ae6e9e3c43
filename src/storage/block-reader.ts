/**
 * Reads blocks for peers through the pool, many at once and ahead of what was asked for, never one read per
 * block. The worker opens the files itself, to read only: that costs a hundredth of reading a MiB from the page
 * cache, makes nothing that is absent, and serves data in a read-only place.
 */
import { OptionError } from '../core/errors.js'
import { BLOCK_BYTES, type Geometry } from '../core/geometry.js'
import { storageError } from './disk-errors.js'
import type { DiskSpan, FileMap } from './file-map.js'
import type { OutputFile } from './output-file.js'
import type { PiecePool } from './piece-pool.js'
import type { ReadImages } from './piece-store.js'
import { BLOCKS_PER_IMAGE, BLOCKS_PER_READ, IMAGE_BYTES, RUN_FIELDS, ZEROS } from './piece-tasks.js'

/** Room for {@link BLOCKS_PER_IMAGE} blocks with their headers. */
export function makeImage(): ArrayBuffer {
  return new ArrayBuffer(IMAGE_BYTES)
}

/** See `PieceStore.readBlocks`. Rejects with `OptionError` for blocks that are none of the torrent's. */
export async function readBlocks(
  { map, pool }: { readonly map: FileMap; readonly pool: PiecePool },
  blocks: readonly number[],
  takeImages: (count: number) => readonly ArrayBuffer[],
): Promise<ReadImages> {
  const { geometry } = map.metainfo
  expectSensible(geometry, blocks)
  const spans = stretchesOf(geometry, blocks).flatMap(({ offset, length }) => map.spans(offset, length))
  if (!(await areReachable(spans))) return { images: [], outcome: 'missing' }
  const task = { runs: runsOf(geometry, blocks), ...readsOf(spans) }
  const imageCount = Math.ceil(blocks.length / BLOCKS_PER_IMAGE)
  const { buffers, isMissing, failure } = await pool.run('readBlocks', () => {
    return { ...task, buffers: takeImages(imageCount) }
  })
  if (failure !== undefined) throw storageError(failure, task.paths[failure.subject] ?? map.folder.path)
  return { images: buffers, outcome: isMissing ? 'missing' : 'read' }
}

function expectSensible(geometry: Geometry, blocks: readonly number[]): void {
  const isOurs = (block: number) => Number.isInteger(block) && block >= 0 && block < geometry.blockNumberEnd
  if (blocks.length > 0 && blocks.length <= BLOCKS_PER_READ && blocks.every(isOurs)) return
  throw new OptionError('BAD_OPTION', `cannot read ${blocks.length} blocks from ${blocks[0]} on`)
}

/** For the headers: blocks of one piece that follow each other, as {@link RUN_FIELDS} numbers each. */
function runsOf(geometry: Geometry, blocks: readonly number[]): number[] {
  const runs: number[] = []
  let nextOfPiece: number | undefined
  for (const block of blocks) {
    const index = geometry.pieceOfBlock(block)
    const begin = (block - index * geometry.blocksPerPiece) * BLOCK_BYTES
    const length = geometry.blockBytes(index, begin)
    if (block === nextOfPiece && begin > 0) runs[runs.length - 1]! += length
    else runs.push(index, begin, length)
    nextOfPiece = block + 1
  }
  return runs
}

/** The blocks in the torrent's byte space; neighbours are one stretch, also across pieces. */
function stretchesOf(geometry: Geometry, blocks: readonly number[]): { offset: number; length: number }[] {
  const stretches: { offset: number; length: number }[] = []
  for (const block of blocks) {
    const index = geometry.pieceOfBlock(block)
    const begin = (block - index * geometry.blocksPerPiece) * BLOCK_BYTES
    const offset = geometry.pieceOffset(index) + begin
    const length = geometry.blockBytes(index, begin)
    const last = stretches.at(-1)
    if (last !== undefined && last.offset + last.length === offset) last.length += length
    else stretches.push({ offset, length })
  }
  return stretches
}

async function areReachable(spans: readonly DiskSpan[]): Promise<boolean> {
  let reached: OutputFile | undefined
  for (const { file } of spans) {
    if (file !== undefined && file !== reached && !(await file.isReachable())) return false
    reached = file
  }
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
