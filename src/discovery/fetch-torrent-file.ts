/**
 * Downloads a .torrent over HTTP or HTTPS. Nothing is loaded before a URL is given, since undici costs tens of
 * milliseconds of start-up.
 */

import { LIMITS } from '../config.js'
import { MetainfoError, SourceError } from '../core/errors.js'
import { HttpError, type HttpSend, httpGet } from '../core/http-get.js'
import { loadAddressKind } from '../core/load-address-kind.js'
import { type PrivateReach, privateRule } from '../core/private-reach.js'
import { GuardedAgents } from '../net/guarded-agents.js'
import { sendGet } from '../net/send-get.js'

export interface FetchFileOptions {
  /** Of the URL. */
  readonly reach: PrivateReach
  readonly signal?: AbortSignal | undefined
  /** For a download, redirects and body included. One minute. */
  readonly timeoutMs?: number | undefined
}

export interface FetchedFile {
  readonly bytes: Uint8Array
  /** It came from this machine or the network around it, and from nowhere else on the way. */
  readonly isFromPrivate: boolean
}

/**
 * Rejects with a SourceError (`FETCH_FAILED`, `FORBIDDEN_ADDRESS`), a MetainfoError (`TOO_LARGE`) or the signal's
 * reason. No socket outlives it.
 */
export async function fetchTorrentFile(url: URL, options: FetchFileOptions): Promise<FetchedFile> {
  const timeoutMs = options.timeoutMs ?? FETCH_TIMEOUT_MS
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(timedOut(url, timeoutMs)), timeoutMs)
  const signals = options.signal === undefined ? [deadline.signal] : [deadline.signal, options.signal]
  const route = new Route()
  try {
    const answer = await httpGet(url, {
      send: route.send,
      mayBePrivate: privateRule(url, options.reach),
      signal: AbortSignal.any(signals),
      maxBodyBytes: LIMITS.torrentFileBytes,
      maxRedirects: MAX_REDIRECTS,
    })
    if (answer.status !== 200) throw failed(url, `HTTP status ${answer.status}`)
    return { bytes: answer.body, isFromPrivate: await route.isPrivate() }
  } catch (error) {
    throw error instanceof HttpError ? toSourceError(url, error) : error
  } finally {
    clearTimeout(timer)
    await route.close()
  }
}

/** 10 MB over a slow line. */
const FETCH_TIMEOUT_MS = 60_000
const MAX_REDIRECTS = 5

/** The servers on the way to a file, from its URL through redirects. */
class Route {
  readonly #addresses: string[] = []
  readonly #agents = new GuardedAgents({ onConnected: (address) => void this.#addresses.push(address) })

  readonly send: HttpSend = async (url, headers, { signal, mayBePrivate }) => {
    const dispatcher = await this.#agents.agent({ mayBePrivate })
    return await sendGet(dispatcher, url, headers, signal)
  }

  async isPrivate(): Promise<boolean> {
    const { addressKind } = await loadAddressKind()
    return this.#addresses.every((address) => addressKind(address) !== 'public')
  }

  close(): Promise<void> {
    return this.#agents.close()
  }
}

function toSourceError(url: URL, error: HttpError): SourceError | MetainfoError {
  if (error.code === 'FORBIDDEN_ADDRESS') {
    return new SourceError('FORBIDDEN_ADDRESS', `cannot fetch from ${url.host}: ${error.message}`, {
      cause: error,
    })
  }
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
