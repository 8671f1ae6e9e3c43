/**
 * The body of an HTTP answer as bytes, never more of them than the caller allows: not on the wire, and not
 * after decompression (a bomb ends with the same error as a body that is simply too long).
 */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'

export type HttpBodyFault = 'BODY_TOO_LARGE' | 'BAD_RESPONSE'

export class HttpBodyError extends Error {
  override readonly name = 'HttpBodyError'
  constructor(
    readonly code: HttpBodyFault,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

/** Everything the source yields. Leaves the source, which closes it, at the first byte beyond `maxBytes`. */
export async function readCapped(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of source) {
    length += part.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    parts.push(part)
  }
  return Buffer.concat(parts, length)
}

/** Undoes one `Content-Encoding`. Output beyond `maxBytes` is never made. */
export async function decompressCapped(
  bytes: Uint8Array,
  encoding: string,
  maxBytes: number,
): Promise<Uint8Array> {
  const coding = encoding.trim().toLowerCase()
  if (coding === '' || coding === 'identity') return bytes
  const decompress = decompressor(coding, bytes)
  if (decompress === undefined) {
    throw new HttpBodyError('BAD_RESPONSE', 'the answer is compressed in a way that is not supported')
  }
  try {
    return await decompress(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new HttpBodyError('BAD_RESPONSE', 'the answer is not validly compressed', { cause: error })
  }
}

type Decompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>

function decompressor(coding: string, bytes: Uint8Array): Decompress | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return promisify(gunzip)
    case 'deflate':
      return hasZlibHeader(bytes) ? promisify(inflate) : promisify(inflateRaw)
    case 'br':
      return promisify(brotliDecompress)
    default:
      return undefined
  }
}

/** Servers disagree on whether `deflate` means RFC 1950, as HTTP says, or RFC 1951 without its header. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0
}

function tooLarge(maxBytes: number): HttpBodyError {
  return new HttpBodyError('BODY_TOO_LARGE', `the answer is larger than ${maxBytes} bytes`)
}
