/** Content for torrents that no two nearby blocks share, so that a byte in the wrong place is noticed. */
const MOST_BYTES = 8 * 1024 * 1024

let content: Buffer | undefined

/** The same bytes on every call: a stretch of one long payload. */
export function payloadBytes(offset: number, length: number): Buffer {
  content ??= makeContent()
  if (offset + length > MOST_BYTES) throw new RangeError('the payload ends before that')
  return content.subarray(offset, offset + length)
}

function makeContent(): Buffer {
  const bytes = Buffer.allocUnsafe(MOST_BYTES)
  let state = 1
  for (let at = 0; at < MOST_BYTES; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}
