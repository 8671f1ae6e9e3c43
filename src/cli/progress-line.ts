/**
 * A torrent's progress as one line of a terminal. Pure: the same snapshot and format give the same line. It is
 * never wider than it was told, and its columns stay where they are while the numbers change.
 */
import type { TorrentProgress } from '../client/progress.js'
import { formatRate } from '../core/units.js'
import { checkingText, etaText, peersText, percentDone, stallText } from './progress-facts.js'
import { shorten, toColumn, toPlainText } from './terminal-text.js'

export interface LineFormat {
  /** Columns that the line may take. */
  readonly width: number
  /** Columns that the longest name beside it takes, so that all lines line up. */
  readonly nameWidth: number
  readonly isColoured: boolean
}

/**
 * `name  [======>     ]  43%   112 MiB/s  ETA 12s   24 peers`. A narrow line loses the bar first, then the
 * peers, the ETA and the rate. When nothing comes in, the reason takes the place of all but the percentage.
 */
export function progressLine(progress: TorrentProgress, format: LineFormat): string {
  const name = toPlainText(progress.name)
  const percent = `${percentDone(progress)}%`.padStart(PERCENT_WIDTH)
  const room = format.width - MIN_NAME - GAP.length - PERCENT_WIDTH
  if (room <= GAP.length) return narrowLine(name, percent.trim(), format.width)

  const nameWidth = Math.min(format.nameWidth, Math.max(MIN_NAME, Math.floor(format.width * NAME_SHARE)))
  const stall = stallText(progress)
  if (stall !== undefined) {
    const reason = shorten(stall, format.width - nameWidth - PERCENT_WIDTH - 2 * GAP.length)
    return [toColumn(name, nameWidth), percent, paint(reason, YELLOW, format)].join(GAP)
  }

  const details = detailsWithin(progress, room)
  const rest = format.width - PERCENT_WIDTH - details.length
  const barWidth = Math.min(MAX_BAR, rest - nameWidth - 2 * GAP.length)
  if (barWidth >= MIN_BAR) {
    return [toColumn(name, nameWidth), bar(progress, barWidth, format), percent + details].join(GAP)
  }
  return [toColumn(name, Math.min(format.nameWidth, rest - GAP.length)), percent + details].join(GAP)
}

const GAP = '  '
const MIN_NAME = 12
/** A long name takes this part of the line, and more only when there is no room for a bar. */
const NAME_SHARE = 0.3
const MIN_BAR = 10
const MAX_BAR = 60
const PERCENT_WIDTH = 4
const RATE_WIDTH = '1023 KiB/s'.length
const ETA_WIDTH = 'ETA 59m 59s'.length
const PEERS_WIDTH = '200 peers'.length

const GREEN = '\u001b[32m'
const YELLOW = '\u001b[33m'
const DEFAULT_COLOUR = '\u001b[39m'

function narrowLine(name: string, percent: string, width: number): string {
  const rest = width - percent.length - 1
  return rest < 1 ? percent.slice(0, width) : `${percent} ${shorten(name, rest)}`
}

/** As many columns as fit, the most important first, each with the gap before it. */
function detailsWithin(progress: TorrentProgress, room: number): string {
  let details = ''
  for (const column of detailColumns(progress)) {
    if (details.length + GAP.length + column.length > room) break
    details += GAP + column
  }
  return details
}

function detailColumns(progress: TorrentProgress): string[] {
  if (progress.phase === 'checking') return [checkingText(progress)]
  if (progress.phase !== 'downloading') return [progress.phase]
  return [
    formatRate(progress.downloadBytesPerSecond).padStart(RATE_WIDTH),
    etaText(progress.etaSeconds).padEnd(ETA_WIDTH),
    peersText(progress.connectedPeers).padStart(PEERS_WIDTH),
  ]
}

/** ASCII, because a server's terminal may know nothing else. */
function bar(progress: TorrentProgress, width: number, format: LineFormat): string {
  const inner = width - 2
  const filled = Math.floor((percentDone(progress) / 100) * inner)
  const head = filled > 0 && filled < inner ? `${'='.repeat(filled - 1)}>` : '='.repeat(filled)
  return `[${paint(head, GREEN, format)}${' '.repeat(inner - filled)}]`
}

function paint(text: string, colour: string, format: LineFormat): string {
  return format.isColoured && text !== '' ? `${colour}${text}${DEFAULT_COLOUR}` : text
}
