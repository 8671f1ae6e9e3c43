/**
 * One GET for a range of a file. The server is not trusted: redirects are followed up to a limit, the body
 * ends where it was promised to, and all that it does wrong is a WebSeedError. There is no time limit here:
 * who reads knows when it was last told something.
 */
import type { Dispatcher } from 'undici'
import { LIMITS } from '../config.js'
import { unixSeconds } from '../core/clock.js'
import { WebSeedError } from '../core/errors.js'
import { HttpError, identify, isRedirect, redirectTarget, toHttpError } from '../core/http-get.js'
import type { PrivateLeave } from '../core/private-reach.js'
import { type AnswerHead, type BodyPlace, placeBody, type RangeWish } from './range-answer.js'

/** The way to the servers. */
export interface WebDoor {
  /** Whether this host of a URL may have a private address. */
  mayBePrivate(hostname: string): Promise<PrivateLeave>
  /** What sends requests to public addresses, or to any. */
  agent(mayBePrivate: PrivateLeave): Promise<Dispatcher>
}

/** Hears what comes; after `ended` or `failed` nothing more. What it throws ends the request, and it hears it again. */
export interface RangeReader {
  /** From where the file is to be asked for from now on. */
  redirected(url: URL): void
  begun(place: BodyPlace): void
  /** The next bytes of the body: valid only until the reader returns. */
  data(bytes: Uint8Array): void
  ended(): void
  failed(error: Error): void
}

export class RangeRequest {
  readonly #door: WebDoor
  readonly #wish: RangeWish
  readonly #reader: RangeReader
  #url: URL
  #redirectCount = 0
  /** A public server sends nobody to private addresses. */
  #mayBePrivate: PrivateLeave = true
  /** Of the connection that answers now. */
  #controller: Dispatcher.DispatchController | undefined
  #leftBytes: number | undefined
  #isPaused = false
  #isOver = false

  /** Sends it. The reader hears nothing before this has returned. */
  constructor(door: WebDoor, url: URL, wish: RangeWish, reader: RangeReader) {
    this.#door = door
    this.#url = url
    this.#wish = wish
    this.#reader = reader
    void this.#send()
  }

  /** The body is not read on, and its socket fills up. Only from `begun` on. */
  pause(): void {
    this.#isPaused = true
    this.#controller?.pause()
  }

  /** Not at once: undici can go on with one body only when it is not in the midst of another. */
  resume(): void {
    this.#isPaused = false
    queueMicrotask(() => {
      if (!this.#isPaused && !this.#isOver) this.#controller?.resume()
    })
  }

  /** Closes its connection. The reader hears nothing more. */
  abort(): void {
    this.#isOver = true
    this.#controller?.abort(new Error('nobody reads it any more'))
  }

  /** Never rejects. */
  async #send(): Promise<void> {
    try {
      this.#mayBePrivate &&= await this.#door.mayBePrivate(this.#url.hostname)
      const dispatcher = await this.#door.agent(this.#mayBePrivate)
      if (!this.#isOver) this.#dispatch(dispatcher)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #dispatch(dispatcher: Dispatcher): void {
    const { first, end, isRangeInUrl } = this.#wish
    const range = `bytes=${first}-${end - 1}`
    const headers = {
      ...identify(this.#url),
      'accept-encoding': 'identity',
      ...(isRangeInUrl ? {} : { range }),
    }
    const { origin, pathname, search } = this.#url
    dispatcher.dispatch({ origin, path: pathname + search, method: 'GET', headers }, this.#handler())
  }

  #handler(): Dispatcher.DispatchHandler {
    // What comes from a connection that has redirected us is of no interest any more.
    let isCurrent = true
    const handle = (step: () => void) => {
      if (!isCurrent || this.#isOver) return
      try {
        step()
      } catch (error) {
        this.#fail(error as Error)
      }
    }
    return {
      onRequestStart: (controller) => {
        if (this.#isOver) return controller.abort(new Error('nobody reads it any more'))
        this.#controller = controller
      },
      onResponseStart: (controller, status, headers) =>
        handle(() => {
          if (isRedirect(status)) {
            isCurrent = false
            controller.abort(new Error('redirected'))
            this.#follow(headers.location)
          } else if (status >= 200) this.#begin({ status, headers })
        }),
      onResponseData: (_controller, bytes) => handle(() => this.#take(bytes)),
      onResponseEnd: () => handle(() => this.#end()),
      onResponseError: (_controller, error) => handle(() => this.#fail(this.#asWebSeedError(error))),
    }
  }

  #follow(location: string | string[] | undefined): void {
    if (++this.#redirectCount > LIMITS.webSeedRedirects) {
      throw new WebSeedError('TOO_MANY_REDIRECTS', `more than ${LIMITS.webSeedRedirects} redirects`)
    }
    this.#controller = undefined
    this.#url = redirectTarget(this.#url, typeof location === 'string' ? location : undefined)
    void this.#send()
  }

  #begin(head: AnswerHead): void {
    const place = placeBody(head, this.#wish, unixSeconds())
    this.#leftBytes = place.end - place.first
    // Only now: others would ask where it may be that nobody may be sent to from here.
    if (this.#redirectCount > 0) this.#reader.redirected(this.#url)
    this.#reader.begun(place)
  }

  #take(bytes: Uint8Array): void {
    this.#leftBytes! -= bytes.length
    if (this.#leftBytes! < 0)
      throw new WebSeedError('BAD_RESPONSE', 'the body is longer than it was said to be')
    this.#reader.data(bytes)
  }

  #end(): void {
    if (this.#leftBytes !== 0) throw new WebSeedError('CUT_SHORT', 'the answer ended early')
    this.#isOver = true
    this.#reader.ended()
  }

  #fail(error: Error): void {
    if (this.#isOver) return
    this.abort()
    this.#reader.failed(error instanceof HttpError ? asWebSeedError(error) : error)
  }

  /** What undici raised. */
  #asWebSeedError(error: Error): WebSeedError {
    const failure = asWebSeedError(toHttpError(error))
    if (failure.code !== 'UNREACHABLE' || this.#leftBytes === undefined) return failure
    return new WebSeedError('CUT_SHORT', failure.message, { cause: error })
  }
}

function asWebSeedError(error: HttpError): WebSeedError {
  const { code, message } = error
  return new WebSeedError(code === 'BODY_TOO_LARGE' ? 'BAD_RESPONSE' : code, message, { cause: error })
}
