/**
 * A page of the tracker: of the request, what matters, and who answers it. Both are plain values, so that one
 * process can answer in another's stead.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpBodyError, readCapped } from '../core/http-body.js'
import { type Reply, refusal, sendReply } from './http-replies.js'

export interface PageRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly authorization: string | undefined
  /** Read only when it is asked for. Rejects with HttpBodyError when there is more. */
  body(maxBytes: number): Promise<Uint8Array>
}

/** Rejects when something goes wrong inside. */
export type Pages = (request: PageRequest) => Promise<Reply>

/** Never throws; what goes wrong inside is an answer of 500 without details. */
export function servePage(pages: Pages, message: IncomingMessage, response: ServerResponse): void {
  pages(requestOf(message)).then(
    (reply) => sendReply(response, reply),
    () => {
      if (response.destroyed) return
      sendReply(response, refusal(500, 'INTERNAL', 'that did not work', { Connection: 'close' }))
    },
  )
}

function requestOf(message: IncomingMessage): PageRequest {
  return {
    method: message.method ?? '',
    url: message.url ?? '',
    authorization: message.headers.authorization,
    body: (maxBytes) => readBody(message, maxBytes),
  }
}

/** What says that it is too large is not even begun. */
async function readBody(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const claimedBytes = Number(message.headers['content-length'] ?? 0)
  if (claimedBytes > maxBytes) throw new HttpBodyError('BODY_TOO_LARGE', `it has ${claimedBytes} bytes`)
  return await readCapped(message, maxBytes)
}
