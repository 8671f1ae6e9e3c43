/** Makes a torrent's collaborators once, and introduces them to each other. */
import { addressKey } from '../core/peer-address.js'
import { PeerSearch } from './peer-search.js'
import type { PieceLedger } from './piece-ledger.js'
import { PieceSettlement } from './piece-settlement.js'
import type { TorrentNotice } from './progress.js'
import { Standstill } from './standstill.js'
import { StateSaver } from './state-saver.js'
import { TorrentCheck } from './torrent-check.js'
import { type TorrentDownload, wireDownload } from './torrent-download.js'
import type { TorrentEvent } from './torrent-event.js'
import { TorrentJudge } from './torrent-judge.js'
import type { TorrentParts } from './torrent-parts.js'

/** What the collaborators may do to their torrent, and ask it. */
export interface TorrentTools extends TorrentParts {
  readonly pieces: PieceLedger
  readonly apply: (event: TorrentEvent) => void
  readonly notify: (notice: TorrentNotice) => void
  readonly isRunning: () => boolean
}

export interface TorrentCrew {
  readonly check: TorrentCheck
  readonly download: TorrentDownload
  readonly search: PeerSearch
  readonly settlement: PieceSettlement
  readonly saver: StateSaver
  readonly standstill: Standstill
  readonly judge: TorrentJudge
}

export function wireTorrent(tools: TorrentTools, startedMs: number): TorrentCrew {
  const { notify } = tools
  const check = new TorrentCheck(tools)
  const download = wireDownload({
    ...tools,
    peerBanned: (address, code) => notify({ type: 'peerBanned', peer: addressKey(address), code }),
    webSeedFailed: (webSeed, { code, message }, isDropped) =>
      notify({ type: 'webSeedFailed', webSeed, code, message, isDropped }),
  })
  const search = wireSearch(tools, download)
  const own = { ...tools, check, download, search }
  const saver = new StateSaver(own, startedMs)
  return {
    check,
    download,
    search,
    settlement: new PieceSettlement(own),
    saver,
    standstill: new Standstill({ ...own, saver }),
    judge: new TorrentJudge(own, startedMs),
  }
}

/** What the search finds goes to the swarm, what trackers say to the torrent's listeners. */
function wireSearch(tools: TorrentTools, download: TorrentDownload): PeerSearch {
  const { metainfo, resources, options, selection, pieces, isRunning, notify, apply } = tools
  const { swarm, scheduler } = download
  const host = {
    stats: () => ({
      uploaded: download.uploadedBytes,
      downloaded: scheduler.receivedBytes,
      left: selection.totalBytes - pieces.completedBytes,
    }),
    wantsPeers: () => isRunning() && !swarm.isFull,
    addAddresses: swarm.addAddresses.bind(swarm),
    hasSources: () => swarm.book.size > 0 || download.webSeeds.knownCount > 0,
    connectedPeers: () => swarm.connectedCount,
    notify,
    failed: (error: Error) => apply({ type: 'failed', error }),
  }
  return new PeerSearch(metainfo, resources, host, options)
}
