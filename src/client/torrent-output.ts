/** Where a torrent's pieces go, by its `output` option, and what that asks of the way they are fetched. */
import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { OptionError } from '../core/errors.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { PieceStore } from '../storage/piece-store.js'
import { StreamStorage } from '../storage/stream-storage.js'
import { TorrentStorage } from '../storage/torrent-storage.js'
import { RunGrid } from '../swarm/run-grid.js'
import type { BlockSource } from './block-images.js'
import type { ClientResources } from './client-resources.js'
import type { Selection } from './selection.js'
import type { CheckedTorrentOptions } from './torrent-options.js'

export interface TorrentOutput {
  readonly store: PieceStore
  /** Where blocks are read to be uploaded; undefined when what is stored cannot be read again. */
  readonly blocks: BlockSource | undefined
  readonly grid: RunGrid
  readonly filePaths: readonly string[]
  /** How many pieces from the first missing one on may be held; Infinity when order does not matter. */
  readonly heldPieceCount: number
  /** Pieces must be fetched in order. */
  readonly mustBeSequential: boolean
}

export interface OutputParts {
  readonly metainfo: Metainfo
  readonly selection: Selection
  readonly options: CheckedTorrentOptions
  readonly resources: ClientResources
}

export function toFolder(output: string, parts: OutputParts): TorrentOutput {
  const { metainfo, selection, options, resources } = parts
  const store = new TorrentStorage({
    metainfo,
    folder: resolve(output),
    selected: (fileIndex) => selection.has(fileIndex),
    allocate: options.allocate,
    pool: resources.pool,
    handles: resources.handles,
  })
  return {
    store,
    blocks: store,
    grid: new RunGrid(metainfo.geometry, resources.arena.budgetBytes),
    filePaths: [...selection.fileIndices()].map((fileIndex) => store.filePath(fileIndex)),
    heldPieceCount: Number.POSITIVE_INFINITY,
    mustBeSequential: false,
  }
}

/** A stream takes one file, in order: verified pieces wait in memory until all before them are out. */
export function toStream(output: Writable, parts: OutputParts): TorrentOutput {
  const { metainfo, selection, options, resources } = parts
  if (options.seedGoal !== undefined) {
    throw new OptionError('BAD_OPTION', 'seed: a stream keeps nothing that could be seeded')
  }
  const fileIndices = [...selection.fileIndices()]
  if (fileIndices.length !== 1) {
    const count = fileIndices.length
    throw new OptionError(
      'BAD_OPTION',
      `a stream takes one file, and ${count} are selected: choose one of them`,
    )
  }
  const grid = new RunGrid(metainfo.geometry, resources.arena.budgetBytes, true)
  const heldPieceCount = Math.floor(resources.arena.budgetBytes / grid.bufferBytes)
  if (heldPieceCount < 2) {
    const detail = `a stream takes memory for two whole pieces of ${grid.bufferBytes} bytes: allow more`
    throw new OptionError('MEMORY_TOO_SMALL', detail)
  }
  const store = new StreamStorage({ metainfo, fileIndex: fileIndices[0]!, output, pool: resources.pool })
  return { store, blocks: undefined, grid, filePaths: [], heldPieceCount, mustBeSequential: true }
}
