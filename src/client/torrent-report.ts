/** What a torrent says of itself, put together from what its collaborators know. */
import type { Metainfo } from '../metainfo/metainfo.js'
import type { PieceLedger } from './piece-ledger.js'
import type { TorrentPhase, TorrentProgress, TorrentResult } from './progress.js'
import type { Selection } from './selection.js'
import { describeStall, WAITING_FOR_DISK } from './stall.js'
import type { TorrentCheck } from './torrent-check.js'
import type { TorrentDownload } from './torrent-download.js'

export interface ReportFacts {
  readonly metainfo: Metainfo
  readonly selection: Selection
  readonly pieces: PieceLedger
  readonly download: TorrentDownload
  readonly phase: TorrentPhase
  readonly check: TorrentCheck
  readonly searchTrouble: string | undefined
}

export function reportProgress(facts: ReportFacts): TorrentProgress {
  const { metainfo, selection, pieces, download, check, phase } = facts
  const { swarm, scheduler, webSeeds } = download
  const isDownloading = phase === 'downloading'
  const rate = isDownloading ? download.downloadRate.perSecond : 0
  const leftBytes = selection.totalBytes - pieces.completedBytes
  return {
    phase,
    infoHash: metainfo.infoHash.hex,
    name: metainfo.name,
    totalBytes: selection.totalBytes,
    completedBytes: pieces.completedBytes,
    checkedBytes: check.checkedBytes,
    bytesToCheck: check.bytesToCheck,
    downloadedBytes: scheduler.receivedBytes,
    wastedBytes: scheduler.wastedBytes,
    uploadedBytes: download.uploadedBytes,
    uploadedBytesBefore: check.uploadedBefore,
    downloadBytesPerSecond: rate,
    uploadBytesPerSecond: isDownloading || phase === 'seeding' ? download.uploadRate.perSecond : 0,
    etaSeconds: rate > 0 ? leftBytes / rate : undefined,
    connectedPeers: swarm.connectedCount,
    unchokedPeers: swarm.unchokedCount,
    knownPeers: swarm.book.size,
    webSeeds: webSeeds.activeCount,
    pieceCount: metainfo.geometry.pieceCount,
    verifiedPieces: pieces.have.count,
    stall: isDownloading ? stallOf(facts, rate) : undefined,
  }
}

function stallOf(facts: ReportFacts, rate: number): string | undefined {
  if (facts.pieces.missingCount === 0) return WAITING_FOR_DISK
  return facts.download.downloadRate.isKnown && rate === 0 ? reportStall(facts) : undefined
}

export interface ResultFacts extends Pick<ReportFacts, 'metainfo' | 'selection' | 'download'> {
  readonly filePaths: readonly string[]
  readonly elapsedMs: number
}

export function reportResult({
  metainfo,
  selection,
  download,
  filePaths,
  elapsedMs,
}: ResultFacts): TorrentResult {
  return {
    infoHash: metainfo.infoHash.hex,
    name: metainfo.name,
    files: filePaths,
    totalBytes: selection.totalBytes,
    downloadedBytes: download.scheduler.receivedBytes,
    wastedBytes: download.scheduler.wastedBytes,
    uploadedBytes: download.uploadedBytes,
    elapsedMs,
  }
}

/** Why nothing comes in, in one short sentence. */
export function reportStall(facts: Pick<ReportFacts, 'download' | 'searchTrouble'>): string {
  const { swarm, flow, webSeeds } = facts.download
  return describeStall({
    knownPeers: swarm.book.size,
    bannedPeers: swarm.book.bannedCount,
    connectedPeers: swarm.connectedCount,
    usefulPeers: swarm.usefulCount,
    unchokedPeers: swarm.unchokedCount,
    webSeeds,
    writingCount: flow.underWayCount,
    searchTrouble: facts.searchTrouble,
  })
}
