/**
 * Recognises the plainest requests for an announce or a scrape: a GET in HTTP/1.1, whole, with a few
 * headers that change nothing about how it is framed. Everything else, whether legal or an attack, is none
 * of them, and is left to a real parser of HTTP; so this one never has to decide what odd bytes mean.
 */
export interface PlainRequest {
  /** Path and query. */
  readonly target: string
  /** Where in the text the next request starts. */
  readonly end: number
  /** The client wants the connection to end after the answer. */
  readonly isLast: boolean
}

/** The text has a character per byte. Undefined when what starts at `from` is not plain or not whole. */
export function readPlainRequest(text: string, from: number): PlainRequest | undefined {
  if (!text.startsWith('GET /announce?', from) && !text.startsWith('GET /scrape?', from)) return undefined
  const lineEnd = text.indexOf(LINE_END, from)
  const targetEnd = lineEnd - VERSION.length
  if (lineEnd === -1 || lineEnd - from > MAX_LINE_LENGTH || !text.startsWith(VERSION, targetEnd))
    return undefined
  const target = text.slice(from + METHOD.length, targetEnd)
  if (!isVisible(target)) return undefined
  let [hosts, isLast, at] = [0, false, lineEnd + 2]
  for (let headers = 0; headers < MAX_HEADERS; headers++) {
    const end = text.indexOf(LINE_END, at)
    if (end === at) return hosts === 1 ? { target, end: end + 2, isLast } : undefined
    const header = end === -1 ? undefined : readHeader(text.slice(at, end))
    if (header === undefined) return undefined
    if (header === 'host') hosts++
    if (header === 'close') isLast = true
    at = end + 2
  }
  return undefined
}

const METHOD = 'GET '
const VERSION = ' HTTP/1.1'
const LINE_END = '\r\n'
const MAX_LINE_LENGTH = 4_096
const MAX_HEADERS = 16

/** What a header means for the request; undefined when it is not one of the harmless. */
function readHeader(line: string): 'host' | 'close' | 'harmless' | undefined {
  if (HOST.test(line)) return 'host'
  if (CLOSE.test(line)) return 'close'
  return HARMLESS.test(line) ? 'harmless' : undefined
}

const HOST = /^host: ?[\w.:[\]-]{1,256}$/i
const CLOSE = /^connection: ?close$/i
const HARMLESS =
  /^(?:(?:user-agent|accept|accept-encoding|accept-language): ?[ -~]{0,256}|connection: ?keep-alive)$/i

/** No spaces, no control characters, nothing beyond ASCII. */
function isVisible(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code >= 0x7f) return false
  }
  return true
}
