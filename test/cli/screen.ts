/**
 * A terminal of a few lines of code: enough of one to see what a person would see. It breaks long lines anew
 * when it is resized, as terminals do today.
 */
const ESCAPE = '\u001b'

export class Screen {
  columns: number
  rows: number
  writeCount = 0
  /** Lines as they were written, however often the terminal breaks them. */
  readonly #lines: string[] = ['']
  #line = 0
  #column = 0

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  /** What stands on it, without empty lines at the end. */
  get text(): string {
    return this.#lines.join('\n').replace(/\n*$/, '')
  }

  write(text: string): void {
    this.writeCount++
    for (const [token] of text.matchAll(TOKEN)) this.#apply(token)
  }

  #apply(token: string): void {
    if (token === '\r') this.#column = 0
    else if (token === '\n') this.#newline()
    else if (/\[\d+A$/.test(token)) this.#up(Number(token.slice(2, -1)))
    else if (token === '\u001b[K') this.#put(this.#current().slice(0, this.#column))
    else if (token === '\u001b[J') this.#eraseBelow()
    else if (token.length === 1) this.#type(token)
  }

  #current(): string {
    return this.#lines[this.#line]!
  }

  #put(text: string): void {
    this.#lines[this.#line] = text
  }

  #newline(): void {
    this.#line++
    this.#column = 0
    if (this.#line === this.#lines.length) this.#lines.push('')
  }

  #type(character: string): void {
    const line = this.#current().padEnd(this.#column)
    this.#put(line.slice(0, this.#column) + character + line.slice(this.#column + 1))
    this.#column++
  }

  #eraseBelow(): void {
    this.#put(this.#current().slice(0, this.#column))
    this.#lines.length = this.#line + 1
  }

  /** Counts the rows that each line takes at the width of now. A `\r` has gone before. */
  #up(rows: number): void {
    let left = rows - (this.#rowsOf(this.#line) - 1)
    while (left > 0 && this.#line > 0) {
      this.#line--
      left -= this.#rowsOf(this.#line)
    }
  }

  #rowsOf(line: number): number {
    return Math.max(1, Math.ceil(this.#lines[line]!.length / this.columns))
  }
}

/** A control sequence, or a character. */
const TOKEN = new RegExp(`${ESCAPE}\\[[0-9;]*[A-Za-z]|[\\s\\S]`, 'gu')
