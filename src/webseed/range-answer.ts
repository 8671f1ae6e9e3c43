/**
 * What a server makes of a request for a range of a file (RFC 9110). Pure. It is not trusted: an answer that does
 * not begin where it was asked to, or is of another file than ours by its length, is refused before its body is read.
 */
import { WebSeedError } from '../core/errors.js'
import { parseRetryAfter } from './retry-after.js'

export interface RangeWish {
  /** The first byte, counted in the file, and the one after the last. */
  readonly first: number
  readonly end: number
  /** The length that the file must have. */
  readonly fileBytes: number
  /** The URL says which bytes are wanted: they are the whole answer. */
  readonly isRangeInUrl: boolean
}

export interface AnswerHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Which bytes of the file the body holds. */
export interface BodyPlace {
  readonly first: number
  readonly end: number
  /** It is the whole file, whatever was asked for. */
  readonly isWhole: boolean
}

/** Throws WebSeedError. The status is none of those that redirect. */
export function placeBody(head: AnswerHead, wish: RangeWish, unixSeconds: number): BodyPlace {
  const { status } = head
  if (status !== 200 && status !== 206) throw refusal(head, unixSeconds)
  const encoding = headerOf(head, 'content-encoding')?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') throw bad('it is compressed, though that was not asked for')
  if (wish.isRangeInUrl) return placeAll(head, wish)
  return status === 206 ? placePart(head, wish) : placeWhole(head, wish)
}

function placeAll(head: AnswerHead, { first, end }: RangeWish): BodyPlace {
  const bodyBytes = contentLength(head) ?? end - first
  if (bodyBytes !== end - first) throw bad(`${bodyBytes} bytes in the place of ${end - first}`)
  return { first, end, isWhole: false }
}

function placePart(head: AnswerHead, wish: RangeWish): BodyPlace {
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(headerOf(head, 'content-range') ?? '')
  if (match === null) throw bad('a part without a range that makes sense')
  const [first, end] = [Number(match[1]), Number(match[2]) + 1]
  if (match[3] !== '*') expectLength(Number(match[3]), wish)
  if (first !== wish.first || end <= first || end > wish.end) throw bad('another part than was asked for')
  const bodyBytes = contentLength(head)
  if (bodyBytes !== undefined && bodyBytes !== end - first)
    throw bad('a length that is not that of its range')
  return { first, end, isWhole: false }
}

function placeWhole(head: AnswerHead, wish: RangeWish): BodyPlace {
  expectLength(contentLength(head) ?? wish.fileBytes, wish)
  return { first: 0, end: wish.fileBytes, isWhole: true }
}

function expectLength(bytes: number, { fileBytes }: RangeWish): void {
  if (bytes === fileBytes) return
  throw new WebSeedError('WRONG_LENGTH', `it has ${bytes} bytes of a file of ${fileBytes}`)
}

function contentLength(head: AnswerHead): number | undefined {
  const text = headerOf(head, 'content-length')
  return text === undefined ? undefined : Number(text)
}

/** That it does not give one file says nothing of the others. */
const FILE_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 410, 451])
const BUSY_STATUSES: ReadonlySet<number> = new Set([429, 503])

function refusal(head: AnswerHead, unixSeconds: number): WebSeedError {
  const { status } = head
  const detail = `HTTP status ${status}`
  if (FILE_STATUSES.has(status)) return new WebSeedError('NOT_FOUND', detail)
  if (status === 416) return new WebSeedError('WRONG_LENGTH', `${detail}: the file is shorter than ours`)
  if (BUSY_STATUSES.has(status)) {
    const retryAfterMs = parseRetryAfter(headerOf(head, 'retry-after'), unixSeconds)
    return new WebSeedError('BUSY', detail, {}, retryAfterMs)
  }
  return new WebSeedError(status >= 500 || status === 408 ? 'SERVER_ERROR' : 'HTTP_STATUS', detail)
}

function headerOf({ headers }: AnswerHead, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}

function bad(what: string): WebSeedError {
  return new WebSeedError('BAD_RESPONSE', `the answer makes no sense: ${what}`)
}
