/**
 * One GET whose server is not trusted: redirects are followed up to a limit and only to http and https, the
 * body is capped before and after decompression, and every failure is one error type. It opens nothing
 * itself: who sends requests is an argument, so that each room decides what may be connected to.
 */
import type { Readable } from 'node:stream'
import { decodePercent } from './decode-percent.js'
import { ForbiddenAddressError } from './forbidden-address.js'
import { decompressCapped, HttpBodyError, readCapped } from './http-body.js'
import type { PrivateLeave } from './private-reach.js'

/** The part of undici's response that is needed. The body is always read or destroyed. */
export interface HttpReply {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Readable
}

export interface HttpSending {
  readonly signal: AbortSignal
  /** Whether the server's address need not be a public one. */
  readonly mayBePrivate: PrivateLeave
}

/** Sends one GET and follows nothing. When the signal aborts it rejects, or its reply's body fails. */
export type HttpSend = (url: URL, headers: Record<string, string>, sending: HttpSending) => Promise<HttpReply>

export interface HttpGetOptions {
  readonly send: HttpSend
  /**
   * Whether this host of a URL may have a private address. Asked anew for each redirect, until it is answered with
   * no: a public server sends nobody to private addresses.
   */
  mayBePrivate(hostname: string): Promise<PrivateLeave>
  /** The one source of time limits: bodies that drip are cut off by it. */
  readonly signal: AbortSignal
  readonly maxBodyBytes: number
  readonly maxRedirects: number
}

/** An answer that is no redirect; any other status is left to the caller to judge. */
export interface HttpAnswer {
  readonly status: number
  readonly body: Uint8Array
  /** What {@link HttpGetOptions.mayBePrivate} allowed for the server that gave it. */
  readonly mayBePrivate: PrivateLeave
}

export type HttpFault =
  | 'UNREACHABLE'
  | 'FORBIDDEN_ADDRESS'
  | 'TIMEOUT'
  | 'BODY_TOO_LARGE'
  | 'TOO_MANY_REDIRECTS'
  | 'BAD_RESPONSE'

/** Stays between the rooms and this module: each room turns it into its own error. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  constructor(
    readonly code: HttpFault,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

/** Rejects with the signal's reason when that aborts, and with an HttpError otherwise. */
export async function httpGet(start: URL, options: HttpGetOptions): Promise<HttpAnswer> {
  try {
    return await getFollowing(start, options)
  } catch (error) {
    options.signal.throwIfAborted()
    throw toHttpError(error)
  }
}

async function getFollowing(start: URL, options: HttpGetOptions): Promise<HttpAnswer> {
  const { signal } = options
  let mayBePrivate: PrivateLeave = true
  let url = start
  for (let redirects = 0; redirects <= options.maxRedirects; redirects++) {
    mayBePrivate &&= await options.mayBePrivate(url.hostname)
    signal.throwIfAborted()
    const headers = { ...identify(url), 'accept-encoding': 'gzip, deflate' }
    const reply = await options.send(url, headers, { signal, mayBePrivate })
    const { statusCode: status } = reply
    if (!isRedirect(status))
      return { status, mayBePrivate, body: await readBody(reply, options.maxBodyBytes) }
    discard(reply.body)
    url = redirectTarget(url, onlyValue(reply.headers.location))
  }
  throw new HttpError('TOO_MANY_REDIRECTS', `more than ${options.maxRedirects} redirects`)
}

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** The headers that say who asks: the program, and whom the URL names. */
export function identify(url: URL): Record<string, string> {
  const headers = { 'user-agent': 'swarmfetch' }
  if (url.username === '' && url.password === '') return headers
  const credentials = `${decodePercent(url.username)}:${decodePercent(url.password)}`
  return { ...headers, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

async function readBody(reply: HttpReply, maxBodyBytes: number): Promise<Uint8Array> {
  const raw = await readCapped(reply.body, maxBodyBytes)
  const encoding = onlyValue(reply.headers['content-encoding']) ?? ''
  return await decompressCapped(raw, encoding, maxBodyBytes)
}

/** A body destroyed unread fails, as it should, but nobody is there to hear it. */
function discard(body: Readable): void {
  body.on('error', () => {}).destroy()
}

/**
 * Never from https to http: what the query holds (a passkey, a signed link) was meant to stay secret. Throws HttpError
 * BAD_RESPONSE.
 */
export function redirectTarget(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new HttpError('BAD_RESPONSE', 'redirected to nowhere')
  }
  const target = new URL(location, from)
  if (target.protocol === 'https:') return target
  if (target.protocol === 'http:' && from.protocol === 'http:') return target
  throw new HttpError('BAD_RESPONSE', 'redirected out of HTTP, or from https to http')
}

function onlyValue(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.join(', ')
}

/** What undici raised, by its cause. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof HttpBodyError) return new HttpError(error.code, error.message, { cause: error })
  if (error instanceof ForbiddenAddressError) {
    return new HttpError(error.code, error.message, { cause: error })
  }
  const { name, code, message } = error as NodeJS.ErrnoException
  const reason = code ?? message
  const options = { cause: error }
  if (/TIMEDOUT|TIMEOUT/.test(reason)) return new HttpError('TIMEOUT', `timed out (${reason})`, options)
  if (name === 'HTTPParserError' || NOT_HTTP.test(reason)) {
    return new HttpError('BAD_RESPONSE', `not valid HTTP (${reason})`, options)
  }
  return new HttpError('UNREACHABLE', `no connection (${reason})`, options)
}

/** Codes of undici for answers that break the rules. */
const NOT_HTTP = /HEADERS_OVERFLOW|CONTENT_LENGTH_MISMATCH/
