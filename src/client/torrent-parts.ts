/** What a torrent is made of. */
import type { SourcedAddress } from '../core/peer-address.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { PieceStore } from '../storage/piece-store.js'
import type { RunGrid } from '../swarm/run-grid.js'
import type { BlockSource } from './block-images.js'
import type { ClientResources } from './client-resources.js'
import type { Selection } from './selection.js'
import type { Torrent } from './torrent.js'
import type { CheckedTorrentOptions } from './torrent-options.js'

export interface TorrentParts {
  readonly metainfo: Metainfo
  readonly selection: Selection
  readonly options: CheckedTorrentOptions
  readonly peers: readonly SourcedAddress[]
  readonly grid: RunGrid
  readonly store: PieceStore
  /** Where blocks are read to be uploaded; undefined when what is stored cannot be read again. */
  readonly blocks: BlockSource | undefined
  /** Absolute paths of the selected files; empty for a stream. */
  readonly filePaths: readonly string[]
  /** How many pieces beyond the first missing one may be held for an output that takes them in order. */
  readonly heldPieceCount: number
  readonly mustBeSequential: boolean
  readonly resources: ClientResources
  /** It has let go of everything. */
  readonly onEnded: (torrent: Torrent) => void
}
