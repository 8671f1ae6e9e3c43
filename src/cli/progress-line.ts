/**
 * A torrent's progress as one line of a terminal. Pure: the same snapshot and format give the same line. It is
 * never wider than it was told, and its columns stay where they are while the numbers change.
 */
import type { TorrentProgress } from '../client/progress.js'
import { formatRate } from '../core/units.js'
import { columnsWithin, GAP, type LineFormat, MIN_NAME, nameColumn, narrowLine } from './line-layout.js'
import {
  checkingText,
  etaText,
  PEERS_WIDTH,
  percentDone,
  RATE_WIDTH,
  sourcesText,
  stallText,
} from './progress-facts.js'
import { seedingLine } from './seeding-line.js'
import { shorten, toColumn, toPlainText } from './terminal-text.js'

/**
 * `name  [======>     ]  43%   112 MiB/s  ETA 12s   24 peers`. A narrow line loses the bar first, then the
 * peers, the ETA and the rate. When nothing comes in, the reason takes the place of all but the percentage.
 */
export function progressLine(progress: TorrentProgress, format: LineFormat): string {
  if (progress.phase === 'seeding') return seedingLine(progress, format)
  const name = toPlainText(progress.name)
  const percent = `${percentDone(progress)}%`.padStart(PERCENT_WIDTH)
  const room = format.width - MIN_NAME - GAP.length - PERCENT_WIDTH
  if (room <= GAP.length) return narrowLine(name, percent.trim(), format.width)

  const nameWidth = nameColumn(format)
  const stall = stallText(progress)
  if (stall !== undefined) {
    const reason = shorten(stall, format.width - nameWidth - PERCENT_WIDTH - 2 * GAP.length)
    return [toColumn(name, nameWidth), percent, paint(reason, YELLOW, format)].join(GAP)
  }

  const details = columnsWithin(detailColumns(progress), room)
  const rest = format.width - PERCENT_WIDTH - details.length
  const barWidth = Math.min(MAX_BAR, rest - nameWidth - 2 * GAP.length)
  if (barWidth >= MIN_BAR) {
    return [toColumn(name, nameWidth), bar(progress, barWidth, format), percent + details].join(GAP)
  }
  return [toColumn(name, Math.min(format.nameWidth, rest - GAP.length)), percent + details].join(GAP)
}

const MIN_BAR = 10
const MAX_BAR = 60
const PERCENT_WIDTH = 4
const ETA_WIDTH = 'ETA 59m 59s'.length

const GREEN = '\u001b[32m'
const YELLOW = '\u001b[33m'
const DEFAULT_COLOUR = '\u001b[39m'

function detailColumns(progress: TorrentProgress): string[] {
  if (progress.phase === 'checking') return [checkingText(progress)]
  if (progress.phase !== 'downloading') return [progress.phase]
  return [
    formatRate(progress.downloadBytesPerSecond).padStart(RATE_WIDTH),
    etaText(progress.etaSeconds).padEnd(ETA_WIDTH),
    sourcesText(progress).padStart(PEERS_WIDTH),
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
