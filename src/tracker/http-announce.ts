/**
 * Announces to HTTP and HTTPS trackers (BEP 3). Body, redirects and total time are limited: see LIMITS.
 */
import { LIMITS } from '../config.js'
import { TrackerError } from '../core/errors.js'
import { type HttpAnswer, HttpError, httpGet } from '../core/http-get.js'
import { type PrivateReach, privateRule } from '../core/private-reach.js'
import type { Family } from '../net/look-up.js'
import type { Announce, AnnounceAnswer } from './announce.js'
import { parseAnnounceResponse } from './announce-response.js'
import { announceUrl } from './announce-url.js'
import type { HttpConnections } from './http-connections.js'
import { toldPeers } from './told-peers.js'

export interface HttpAnnounceOptions {
  readonly family: Family
  /** Which trackers may have private addresses. */
  readonly reach: PrivateReach
  /** For the whole announce, redirects and body included. */
  readonly timeoutMs?: number
}

/** Over one family of addresses. */
export function httpAnnounce(connections: HttpConnections, options: HttpAnnounceOptions): Announce {
  const { family, reach, timeoutMs = LIMITS.trackerTimeoutMs } = options
  return async (tracker, request, signal, onSent) => {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(timedOut(timeoutMs)), timeoutMs)
    timer.unref()
    try {
      const answer = await httpGet(announceUrl(tracker, request), {
        send: (url, headers, sending) => connections.send(url, headers, { ...sending, family, onSent }),
        mayBePrivate: privateRule(tracker, reach),
        signal: AbortSignal.any([signal, deadline.signal]),
        maxBodyBytes: LIMITS.trackerBodyBytes,
        maxRedirects: LIMITS.trackerRedirects,
      })
      const { peers, ...told } = judge(answer)
      return { ...told, peers: toldPeers(peers, answer.mayBePrivate) }
    } catch (error) {
      if (error instanceof HttpError)
        throw new TrackerError(error.code, error.message, { cause: error.cause })
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}

function timedOut(timeoutMs: number): TrackerError {
  return new TrackerError('TIMEOUT', `no complete answer within ${timeoutMs / 1000} s`)
}

/** Some trackers send their failure reason with an error status; it says more than the status. */
function judge(answer: HttpAnswer): AnnounceAnswer {
  if (answer.status >= 200 && answer.status < 300) return parseAnnounceResponse(answer.body)
  try {
    parseAnnounceResponse(answer.body)
  } catch (error) {
    if (error instanceof TrackerError && error.code === 'REFUSED') throw error
  }
  throw new TrackerError('HTTP_STATUS', `answered with HTTP status ${answer.status}`)
}
