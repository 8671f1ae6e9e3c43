/**
 * The lines at the bottom of a terminal that are rewritten in place, with text scrolling away above them.
 *
 * A frame is one write and erases only what it does not overwrite, so nothing flickers. The cursor rests at the
 * end of the last line; how far up the first one is follows from the widths that were drawn and the width
 * that the terminal has now, so a narrowed window leaves no debris. There are never more lines than the
 * terminal is high. The cursor is never hidden: a process that dies leaves the terminal as it was.
 */
import { stripVTControlCharacters } from 'node:util'
import { textWidth } from './terminal-text.js'

/** What of a tty.WriteStream is used. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

export class LiveLines {
  readonly #terminal: Terminal
  /** Columns taken by each line on the screen, from the top. */
  #drawnWidths: readonly number[] = []
  #drawnFrame = ERASE_BELOW

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Columns that a line may take: the last one is left free, because terminals differ in when they wrap. */
  get width(): number {
    return Math.max(1, (this.#terminal.columns || DEFAULT_COLUMNS) - 1)
  }

  /** Puts these in the place of the lines that were there. Each must fit in `width`. */
  draw(lines: readonly string[]): void {
    const shown = this.#within(lines)
    const frame = shown.map((line) => line + ERASE_REST_OF_LINE).join('\n') + ERASE_BELOW
    if (frame === this.#drawnFrame) return
    this.#terminal.write(this.#toTop() + frame)
    this.#drawnFrame = frame
    this.#drawnWidths = shown.map((line) => textWidth(stripVTControlCharacters(line)))
  }

  /** Puts a line above, where it stays; it may be longer than the terminal is wide. */
  printAbove(line: string): void {
    this.#terminal.write(`${this.#toTop()}${ERASE_BELOW}${line}\n${this.#drawnFrame}`)
  }

  /** Takes the lines away. */
  clear(): void {
    this.draw([])
  }

  #within(lines: readonly string[]): readonly string[] {
    const height = Math.max(1, (this.#terminal.rows || DEFAULT_ROWS) - 1)
    if (lines.length <= height) return lines
    return [...lines.slice(0, height - 1), `and ${lines.length - height + 1} more`.slice(0, this.width)]
  }

  /** Moves to where the first line begins. */
  #toTop(): string {
    const columns = this.#terminal.columns || DEFAULT_COLUMNS
    const rows = this.#drawnWidths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return rows > 1 ? `\r\u001b[${rows - 1}A` : '\r'
  }
}

const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
const ERASE_REST_OF_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'
