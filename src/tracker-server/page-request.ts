/**
 * A page of the tracker: of the request, what matters, and who answers it. Both are plain values, so that one
 * process can answer in another's stead.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpBodyError, readCapped } from '../core/http-body.js'
import { type Reply, refusal, sendReply } from './http-replies.js'
import type { PageRoom } from './page-room.js'

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

export interface PageParts {
  readonly pages: Pages
  /** For .torrents and lists of them: who fills it does not keep anybody from the numbers of the tracker. */
  readonly torrentRoom: PageRoom
  /** For everything else. */
  readonly room: PageRoom
}

/** Never throws; what goes wrong inside is an answer of 500 without details. */
export function servePage(parts: PageParts, message: IncomingMessage, response: ServerResponse): void {
  const room = message.url?.startsWith('/torrents') ? parts.torrentRoom : parts.room
  // Whoever sends something had to show a token, or is refused at once.
  const takesRoom = message.method === 'GET' || message.method === 'HEAD'
  if (takesRoom && !room.enter(message.socket)) return sendReply(response, BUSY)
  void parts
    .pages(requestOf(message))
    .catch(() => refusal(500, 'INTERNAL', 'that did not work', { Connection: 'close' }))
    .then((reply) => {
      if (takesRoom) room.made(reply.body.length, response)
      if (!response.destroyed) sendReply(response, reply)
    })
}

const BUSY = refusal(503, 'BUSY', 'too many pages wait to be fetched: come again in a while', {
  'Retry-After': '10',
})

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
