/**
 * Pages are all answered by the first process, which has the catalogue and knows of all shards: the others pass on what
 * is asked, and pass back what it answers.
 */
import { LIMITS } from '../../config.js'
import { HttpBodyError } from '../../core/http-body.js'
import type { Reply } from '../http-replies.js'
import { readWord, writeWord } from '../network-words.js'
import type { PageRequest, Pages } from '../page-request.js'
import type { WriteToken } from '../write-token.js'
import type { ShardPost } from './shard-post.js'

const FIRST = 0

interface RelayedRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly isTooLarge: boolean
}

/** Of a worker. Without the right token nobody has it read a body, here as there. */
export function relayPages(post: ShardPost, token: WriteToken | undefined): Pages {
  return async (request) => {
    const { method, url, authorization } = request
    const mayWrite = method === 'PUT' && token?.accepts(authorization) === true
    const body = mayWrite ? await bodyOf(request) : NOTHING
    const head: RelayedRequest = { method, url, authorization, isTooLarge: body === undefined }
    const answer = await post.call(FIRST, 'page', withHead(head, body ?? NOTHING))
    const reply = splitHead<Omit<Reply, 'body'>>(answer)
    return { ...reply.head, body: reply.body }
  }
}

/** What the first process answers to `page`. */
export async function servePageCall(pages: Pages, call: Buffer): Promise<Buffer> {
  const { head, body } = splitHead<RelayedRequest>(call)
  const { body: content, ...rest } = await pages({
    ...head,
    body: (maxBytes) => (head.isTooLarge ? Promise.reject(tooLarge(maxBytes)) : Promise.resolve(body)),
  })
  return withHead(rest, Buffer.from(content))
}

/** Undefined when it is larger than any .torrent. */
async function bodyOf(request: PageRequest): Promise<Uint8Array | undefined> {
  try {
    return await request.body(LIMITS.torrentFileBytes)
  } catch (error) {
    if (error instanceof HttpBodyError) return undefined
    throw error
  }
}

function tooLarge(maxBytes: number): HttpBodyError {
  return new HttpBodyError('BODY_TOO_LARGE', `it has more than ${maxBytes} bytes`)
}

/** The head as JSON, behind its length, and the body. */
function withHead(head: object, body: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  writeWord(length, 0, json.length)
  return Buffer.concat([length, json, body])
}

function splitHead<T>(bytes: Buffer): { readonly head: T; readonly body: Buffer } {
  const end = 4 + readWord(bytes, 0)
  return { head: JSON.parse(bytes.subarray(4, end).toString()) as T, body: bytes.subarray(end) }
}

const NOTHING = new Uint8Array(0)
