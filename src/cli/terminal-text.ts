/**
 * Text that somebody else wrote (names, trackers, error messages) made fit for a terminal: it stays on its
 * line, moves no cursor, changes no colour, reverses no reading direction, and takes a known width.
 */

/** One line without control, format and direction characters. */
export function toPlainText(text: string): string {
  return text.replace(/[\t\n\v\f\r\u2028\u2029]+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
}

/**
 * Columns that plain text takes, or a few more: whatever may be wide counts as two, because an
 * overestimate costs a letter of a name and an underestimate wraps the line.
 */
export function textWidth(text: string): number {
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** Plain text cut to fit, an ellipsis in place of its end. */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let short = ''
  let left = width - 1
  for (const character of text) {
    left -= characterWidth(character)
    if (left < 0) break
    short += character
  }
  return width < 1 ? '' : `${short}…`
}

/** Cut or filled with spaces to exactly this width, or one less when a wide character does not fit. */
export function toColumn(text: string, width: number): string {
  const short = shorten(text, width)
  return short + ' '.repeat(Math.max(0, width - textWidth(short)))
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!
  if (code < 0x300) return 1
  if (code < 0x1100) return COMBINING.test(character) ? 0 : 1
  return NARROW_PUNCTUATION.test(character) ? 1 : 2
}

const COMBINING = /\p{M}/u
/** Dashes, quotation marks, bullets and the ellipsis. */
const NARROW_PUNCTUATION = /[\u2010-\u2027\u2030-\u205e]/
