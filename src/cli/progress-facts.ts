/** What both the terminal line and the log sentence say about a snapshot. */
import type { TorrentProgress } from '../client/progress.js'
import { formatBytes, formatDuration } from '../core/units.js'
import { toPlainText } from './terminal-text.js'

/** Whole percent, 100 only when nothing is missing. */
export function percentDone(progress: TorrentProgress): number {
  const isChecking = progress.phase === 'checking'
  const done = isChecking ? progress.checkedBytes : progress.completedBytes
  const total = isChecking ? progress.bytesToCheck : progress.totalBytes
  if (isChecking && total === 0) return 0
  return done >= total ? 100 : Math.floor((done / total) * 100)
}

/**
 * How far the hashing of existing data is. Before any, the files are listed, which takes a while when they
 * are many.
 */
export function checkingText({
  checkedBytes,
  bytesToCheck,
}: Pick<TorrentProgress, 'checkedBytes' | 'bytesToCheck'>): string {
  if (bytesToCheck === 0) return 'looking at the files'
  return `checked ${formatBytes(checkedBytes)} of ${formatBytes(bytesToCheck)}`
}

/** Empty when there is nothing to say. */
export function etaText(etaSeconds: number | undefined): string {
  if (etaSeconds === undefined || !(etaSeconds <= MAX_ETA_SECONDS)) return ''
  return `ETA ${formatDuration(Math.ceil(etaSeconds))}`
}

export function peersText(count: number): string {
  return count === 1 ? '1 peer' : `${count} peers`
}

/** Whom a download comes from: `24 peers`, `2 web seeds`, or `24 peers + 2 web`. */
export function sourcesText({
  connectedPeers,
  webSeeds,
}: Pick<TorrentProgress, 'connectedPeers' | 'webSeeds'>): string {
  if (webSeeds === 0) return peersText(connectedPeers)
  if (connectedPeers === 0) return webSeeds === 1 ? '1 web seed' : `${webSeeds} web seeds`
  return `${peersText(connectedPeers)} + ${webSeeds} web`
}

/** Uploaded bytes per byte of the torrent, in this run. */
export function ratioText(
  progress: Pick<TorrentProgress, 'uploadedBytes' | 'uploadedBytesBefore' | 'totalBytes'>,
): string {
  const allBytes = progress.uploadedBytesBefore + progress.uploadedBytes
  return `ratio ${(progress.totalBytes === 0 ? 0 : allBytes / progress.totalBytes).toFixed(2)}`
}

/** What is wrong, on one line; undefined when something comes in. */
export function stallText(progress: TorrentProgress): string | undefined {
  if (progress.phase !== 'downloading' || progress.stall === undefined) return undefined
  return toPlainText(progress.stall)
}

/** What the usual rates and counts of peers take, so that columns stay where they are. */
export const RATE_WIDTH = '1023 KiB/s'.length
export const PEERS_WIDTH = '200 peers'.length

/** An estimate of more than this says nothing. */
const MAX_ETA_SECONDS = 99 * 86_400
