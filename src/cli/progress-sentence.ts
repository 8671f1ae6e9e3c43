/** A torrent's progress and its end as lines of a log. */
import type { MetadataProgress, TorrentNotice, TorrentProgress, TorrentResult } from '../client/progress.js'
import { formatBytes, formatDuration, formatRate } from '../core/units.js'
import {
  checkingText,
  etaText,
  peersText,
  percentDone,
  ratioText,
  sourcesText,
  stallText,
} from './progress-facts.js'
import type { SeedingEnd, ShownTorrent } from './report.js'
import { toPlainText } from './terminal-text.js'

/** How to go on after a stop. */
export const RESUME_HINT = 'swarmfetch: stopped; the same command goes on from here'

/** `name: 43% of 4.7 GiB, 112 MiB/s, ETA 12s, 24 peers`, and what fits the other phases. */
export function progressSentence(progress: TorrentProgress): string {
  const name = toPlainText(progress.name)
  if (progress.phase === 'checking') return `${name}: ${checkingText(progress)}`
  if (progress.phase === 'seeding') return `${name}: ${seedingDetails(progress).join(', ')}`
  const done = `${name}: ${percentDone(progress)}% of ${formatBytes(progress.totalBytes)}`
  if (progress.phase !== 'downloading') return `${done}, ${progress.phase}`
  const stall = stallText(progress)
  if (stall !== undefined) return `${done}, ${stall}`
  const details = [
    formatRate(progress.downloadBytesPerSecond),
    etaText(progress.etaSeconds),
    sourcesText(progress),
  ]
  return [done, ...details.filter((text) => text !== '')].join(', ')
}

/** `name: fetching metadata, 3 peers`, and what is wrong when nothing comes in. */
export function searchSentence({ name, connectedPeers, stall }: MetadataProgress): string {
  const facts = [
    `${name}: fetching metadata`,
    peersText(connectedPeers),
    ...(stall === undefined ? [] : [stall]),
  ]
  return toPlainText(facts.join(', '))
}

/** `name: 4.7 GiB in 1203 pieces` */
export function startSentence(progress: TorrentProgress): string {
  const pieces = progress.pieceCount === 1 ? '1 piece' : `${progress.pieceCount} pieces`
  return `${toPlainText(progress.name)}: ${formatBytes(progress.totalBytes)} in ${pieces}`
}

/** How much, how long, how fast, and where it is. */
export function summarySentence(result: TorrentResult, place: string): string {
  const seconds = Math.max(result.elapsedMs / 1000, 0.001)
  const size = formatBytes(result.totalBytes)
  const how =
    result.downloadedBytes === 0
      ? `${size}, all of it there already, checked in ${formatDuration(seconds)}`
      : `${size} in ${formatDuration(seconds)}, ${formatRate(result.downloadedBytes / seconds)}`
  return `${toPlainText(result.name)}: ${how}: ${toPlainText(place)}`
}

/** `name: seeded for 2h 05m, 9.4 GiB uploaded, ratio 2.00` */
export function seededSentence(name: string, end: SeedingEnd): string {
  const facts = [`${formatBytes(end.uploadedBytes)} uploaded`, ratioText(end)]
  return [`${toPlainText(name)}: seeded for ${formatDuration(end.seededMs / 1000)}`, ...facts].join(', ')
}

/** What a person should hear about; undefined for what the progress shows anyway. */
export function noticeSentence(
  { name, progress }: Pick<ShownTorrent, 'name' | 'progress'>,
  notice: TorrentNotice,
): string | undefined {
  switch (notice.type) {
    case 'trackerAnswered':
      if (notice.warning === undefined) return undefined
      return toPlainText(`${name}: tracker ${hostOf(notice.tracker)} warns: ${notice.warning}`)
    case 'peerBanned':
      return toPlainText(`${name}: peer ${notice.peer} banned (${notice.code})`)
    case 'webSeedFailed':
      // One that is tried again is shown for as long as nothing comes in.
      if (!notice.isDropped) return undefined
      return toPlainText(
        `${name}: web seed ${hostOf(notice.webSeed)} dropped: ${notice.message} (${notice.code})`,
      )
    case 'resumeNotSaved':
      return toPlainText(
        `${name}: how far it is cannot be saved (${notice.message}); the next run hashes it all`,
      )
    case 'trackerFailed':
      // A download shows it for as long as nothing comes in.
      if (progress().phase !== 'seeding') return undefined
      return toPlainText(`${name}: tracker ${hostOf(notice.tracker)}: ${notice.message}`)
    case 'phase':
    case 'pieceCorrupt': // see CorruptTally
      return undefined
    default:
      return notice satisfies never
  }
}

function seedingDetails(progress: TorrentProgress): string[] {
  return [
    'seeding',
    `${formatBytes(progress.uploadedBytes)} uploaded`,
    ratioText(progress),
    formatRate(progress.uploadBytesPerSecond),
    peersText(progress.connectedPeers),
  ]
}

/** Passkeys are part of many URLs and belong in nobody's log. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
