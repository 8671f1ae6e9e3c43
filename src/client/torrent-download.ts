/**
 * The moving parts of one download, wired once: runs are picked, admitted, requested, assembled and carried
 * to the disk. The torrent owns the state that they work on, and hears of changes through `apply`.
 */
import type { PeerFault } from '../core/errors.js'
import { BLOCK_BYTES } from '../core/geometry.js'
import type { PeerAddress } from '../core/peer-address.js'
import { TokenBucket } from '../core/token-bucket.js'
import type { PieceStore } from '../storage/piece-store.js'
import type { ArenaShare } from '../swarm/arena.js'
import { BlockScheduler } from '../swarm/block-scheduler.js'
import { PiecePicker } from '../swarm/piece-picker.js'
import type { RunGrid } from '../swarm/run-grid.js'
import { encodeCancels } from '../wire/encode-messages.js'
import type { ClientResources } from './client-resources.js'
import { PieceFlow } from './piece-flow.js'
import { RequestPump } from './request-pump.js'
import { Swarm } from './swarm.js'
import type { TorrentEvent } from './torrent-event.js'
import type { CheckedTorrentOptions } from './torrent-options.js'

export interface DownloadParts {
  readonly resources: ClientResources
  readonly options: CheckedTorrentOptions
  readonly infoHash: Uint8Array
  readonly grid: RunGrid
  readonly store: PieceStore
  /** The output takes pieces in order, and may hold as many as memory allows. */
  readonly mustBeSequential: boolean
  readonly apply: (event: TorrentEvent) => void
  readonly isMissing: (index: number) => boolean
  readonly peerBanned: (address: PeerAddress, fault: PeerFault) => void
}

export interface TorrentDownload {
  readonly picker: PiecePicker
  readonly arena: ArenaShare
  readonly scheduler: BlockScheduler
  readonly flow: PieceFlow
  readonly swarm: Swarm
}

export function wireDownload(parts: DownloadParts): TorrentDownload {
  const { resources, options, grid, apply } = parts
  const { pieceCount } = grid.geometry
  const picker = new PiecePicker(
    pieceCount,
    options.sequential ? 'sequential' : 'rarestFirst',
    resources.random,
  )
  const arena = resources.arena.join(!parts.mustBeSequential)
  const flow = new PieceFlow({ grid, store: parts.store, apply })
  const scheduler = new BlockScheduler({
    grid,
    picker,
    arena,
    actions: {
      runFilled: (run) => flow.sendRun(run),
      pieceFilled: (run, slot) => flow.sendPiece(run, slot),
      cancel: (peer, request) => swarm.send(peer.number, encodeCancels([request])),
    },
  })
  const buckets = [
    resources.downloadBucket,
    rateBucket(options.maxDownloadBytesPerSecond, resources.clock.now()),
  ]
  const pump = new RequestPump({ clock: resources.clock, scheduler, arena, buckets })
  const host = {
    infoHash: parts.infoHash,
    pieceCount,
    isMissing: parts.isMissing,
    peerBanned: parts.peerBanned,
    failed: (error: Error) => apply({ type: 'failed', error }),
  }
  const swarm = new Swarm({ host, resources, scheduler, picker, pump, maxPeers: options.maxPeers })
  return { picker, arena, scheduler, flow, swarm }
}

/** A quarter of a second's worth may be requested at once, and always a block. */
export function rateBucket(bytesPerSecond: number, nowMs: number): TokenBucket {
  return new TokenBucket(bytesPerSecond, Math.max(BLOCK_BYTES, bytesPerSecond / 4), nowMs)
}
