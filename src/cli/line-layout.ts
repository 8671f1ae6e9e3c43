/** How a line of a terminal is divided between a name and what is said about it. */
import { shorten } from './terminal-text.js'

export interface LineFormat {
  /** Columns that the line may take. */
  readonly width: number
  /** Columns that the longest name beside it takes, so that all lines line up. */
  readonly nameWidth: number
  readonly isColoured: boolean
}

export const GAP = '  '
/** The least that is left of a name for the sake of what follows it. */
export const MIN_NAME = 12

/** Columns for the name in a line that has a lot to say: a long name takes three tenths of it. */
export function nameColumn({ width, nameWidth }: LineFormat): number {
  return Math.min(nameWidth, Math.max(MIN_NAME, Math.floor(width * 0.3)))
}

/** As many columns as fit into the room, the most important first, each with the gap before it. */
export function columnsWithin(columns: readonly string[], room: number): string {
  let text = ''
  for (const column of columns) {
    if (text.length + GAP.length + column.length > room) break
    text += GAP + column
  }
  return text
}

/** For a line with room for one word: that word, and what fits of the name behind it. */
export function narrowLine(name: string, word: string, width: number): string {
  const rest = width - word.length - 1
  return rest < 1 ? word.slice(0, width) : `${word} ${shorten(name, rest)}`
}
