/**
 * The HTTP connections to trackers, all torrents of a client together. Nothing is loaded or opened before the
 * first announce, and idle connections keep no process alive.
 */

import type { Dispatcher } from 'undici'
import { LIMITS } from '../config.js'
import type { HttpReply, HttpSending } from '../core/http-get.js'
import { GuardedAgents } from '../net/guarded-agents.js'
import type { Family } from '../net/look-up.js'
import { sendGet } from '../net/send-get.js'

export interface TrackerSending extends HttpSending {
  readonly family: Family
  /** Called when the request goes out over a connection. */
  readonly onSent: (() => void) | undefined
}

export class HttpConnections {
  readonly #agents = new GuardedAgents({ agent: { connections: LIMITS.trackerConnections } })

  /** Sends one GET. Rejects with what the agents or undici raise, or with the signal's reason. */
  async send(url: URL, headers: Record<string, string>, sending: TrackerSending): Promise<HttpReply> {
    const { signal, onSent = () => {} } = sending
    const dispatcher = (await this.#agents.agent(sending)).compose(noting(onSent))
    return await sendGet(dispatcher, url, headers, signal)
  }

  /** Cuts what is under way and closes every socket. */
  close(): Promise<void> {
    return this.#agents.close()
  }
}

/** Notes when a request goes out. */
function noting(onSent: () => void): Dispatcher.DispatchInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        onSent()
        handler.onRequestStart?.(controller, context)
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    })
}
