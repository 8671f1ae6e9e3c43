/** A torrent that is seeded, as one line of a terminal: how much goes out, and to how many. */
import type { TorrentProgress } from '../client/progress.js'
import { formatBytes, formatRate } from '../core/units.js'
import { columnsWithin, GAP, type LineFormat, MIN_NAME, narrowLine } from './line-layout.js'
import { PEERS_WIDTH, peersText, RATE_WIDTH, ratioText } from './progress-facts.js'
import { toColumn, toPlainText } from './terminal-text.js'

/**
 * `name  seeding   3.1 MiB/s  1.2 GiB uploaded   ratio 0.25  24 peers`. A narrow line loses the peers first,
 * then the ratio, the total and the rate.
 */
export function seedingLine(progress: TorrentProgress, format: LineFormat): string {
  const name = toPlainText(progress.name)
  const room = format.width - MIN_NAME - GAP.length - SEEDING.length
  if (room <= GAP.length) return narrowLine(name, SEEDING, format.width)
  const columns = [
    formatRate(progress.uploadBytesPerSecond).padStart(RATE_WIDTH),
    `${formatBytes(progress.uploadedBytes)} uploaded`.padStart(UPLOADED_WIDTH),
    ratioText(progress).padEnd(RATIO_WIDTH),
    peersText(progress.connectedPeers).padStart(PEERS_WIDTH),
  ]
  const details = SEEDING + columnsWithin(columns, room)
  return [
    toColumn(name, Math.min(format.nameWidth, format.width - details.length - GAP.length)),
    details,
  ].join(GAP)
}

const SEEDING = 'seeding'
const UPLOADED_WIDTH = '1023 MiB uploaded'.length
const RATIO_WIDTH = 'ratio 10.00'.length
