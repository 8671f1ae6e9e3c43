import type { MetadataProgress } from '../client/progress.js'
import { GAP, type LineFormat, MIN_NAME, nameColumn, narrowLine } from './line-layout.js'
import { peersText } from './progress-facts.js'
import { shorten, toColumn, toPlainText } from './terminal-text.js'

/**
 * A magnet link that is no torrent yet, as one line of a terminal: `name  metadata, 3 peers`, or what is
 * wrong.
 */
export function searchLine(progress: MetadataProgress, format: LineFormat): string {
  const name = toPlainText(progress.name)
  if (format.width < MIN_NAME + GAP.length + WORD.length) return narrowLine(name, WORD, format.width)
  const nameWidth = nameColumn(format)
  const facts = toPlainText(`${WORD}, ${progress.stall ?? peersText(progress.connectedPeers)}`)
  return toColumn(name, nameWidth) + GAP + shorten(facts, format.width - nameWidth - GAP.length)
}

const WORD = 'metadata'
