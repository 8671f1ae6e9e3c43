const TEXT_CHARACTERS = 200

/**
 * What a tracker says, as one line that can do nothing to a terminal or a log: no control, direction or broken
 * characters.
 */
export function readableText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 4 * TEXT_CHARACTERS)).toString('utf8')
  const visible = text.replace(/[\p{C}\p{Z}\ufffd]+/gu, ' ').trim()
  return [...visible].slice(0, TEXT_CHARACTERS).join('')
}
