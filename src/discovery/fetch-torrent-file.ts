/**
 * Downloads a .torrent over HTTP or HTTPS. The one place in this room that opens connections; undici is
 * loaded only when a URL is given, since it costs tens of milliseconds of start-up.
 */
import type { Agent } from 'undici'
import { LIMITS } from '../config.js'
import { MetainfoError, SourceError } from '../core/errors.js'
import { HttpError, type HttpSend, httpGet } from '../core/http-get.js'

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined
  /** For a download, redirects and body included. One minute. */
  readonly timeoutMs?: number | undefined
}

/**
 * Rejects with a SourceError (`FETCH_FAILED`), a MetainfoError (`TOO_LARGE`) or the signal's reason. No socket
 * outlives it.
 */
export async function fetchTorrentFile(url: URL, options: LoadOptions = {}): Promise<Uint8Array> {
  const undici = await import('undici')
  const agent = new undici.Agent({ connect: { timeout: LIMITS.connectMs } })
  const timeoutMs = options.timeoutMs ?? FETCH_TIMEOUT_MS
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(timedOut(url, timeoutMs)), timeoutMs)
  const signals = options.signal === undefined ? [deadline.signal] : [deadline.signal, options.signal]
  try {
    const answer = await httpGet(url, {
      send: sendThrough(agent),
      signal: AbortSignal.any(signals),
      maxBodyBytes: LIMITS.torrentFileBytes,
      maxRedirects: MAX_REDIRECTS,
    })
    if (answer.status !== 200) throw failed(url, `HTTP status ${answer.status}`)
    return answer.body
  } catch (error) {
    throw error instanceof HttpError ? toSourceError(url, error) : error
  } finally {
    clearTimeout(timer)
    await agent.destroy()
  }
}

/** 10 MB over a slow line. */
const FETCH_TIMEOUT_MS = 60_000
const MAX_REDIRECTS = 5

function sendThrough(dispatcher: Agent): HttpSend {
  return async (url, headers, signal) => {
    const { request } = await import('undici')
    return await request(url, { dispatcher, headers, signal, headersTimeout: 0, bodyTimeout: 0 })
  }
}

function toSourceError(url: URL, error: HttpError): SourceError | MetainfoError {
  if (error.code !== 'BODY_TOO_LARGE') return failed(url, error.message, error)
  return new MetainfoError('TOO_LARGE', `${url.host}: ${error.message}`, { cause: error })
}

function timedOut(url: URL, timeoutMs: number): SourceError {
  return failed(url, `not complete within ${timeoutMs / 1000} s`)
}

/** Names the host only: the rest of a URL may hold a passkey. */
function failed(url: URL, why: string, cause?: unknown): SourceError {
  return new SourceError('FETCH_FAILED', `cannot fetch from ${url.host}: ${why}`, { cause })
}
