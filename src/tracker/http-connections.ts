/**
 * The HTTP connections to trackers, all torrents of a client together. The one place in this room that opens
 * them: what may be connected to is decided by the agent made here. Nothing is loaded or opened before the
 * first announce (undici costs tens of milliseconds of start-up), and idle connections keep no process alive.
 */
import type { Agent, Dispatcher } from 'undici'
import { LIMITS } from '../config.js'
import type { HttpSend } from '../core/http-get.js'

/** As {@link HttpSend}; `onSent` is called when the request goes out over a connection. */
export type TrackerSend = (
  ...args: [...Parameters<HttpSend>, onSent?: (() => void) | undefined]
) => ReturnType<HttpSend>

export class HttpConnections {
  #agent: Promise<Agent> | undefined
  #isClosed = false

  /** Sends one GET. Rejects with whatever undici raises, or with the signal's reason. */
  readonly send: TrackerSend = async (url, headers, signal, onSent = () => {}) => {
    if (this.#isClosed) throw new Error('the connections are closed')
    this.#agent ??= openAgent()
    const dispatcher = (await this.#agent).compose(noting(onSent))
    const { request } = await import('undici')
    return await request(url, { dispatcher, headers, signal, headersTimeout: 0, bodyTimeout: 0 })
  }

  /** Cuts what is under way and closes every socket. */
  async close(): Promise<void> {
    this.#isClosed = true
    const agent = await this.#agent
    await agent?.destroy()
  }
}

async function openAgent(): Promise<Agent> {
  const { Agent } = await import('undici')
  return new Agent({ connect: { timeout: LIMITS.connectMs } })
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
