/** The HTTP tracker of one worker: announces for another's swarms are answered there, and leave from here. */
import type { Eventual } from '../eventual.js'
import { failureAnswer } from '../http-answers.js'
import type { HttpDesk } from '../http-desk.js'
import type { HttpTracker } from '../http-tracker.js'
import { AnnouncedTorrent } from './announced-torrent.js'
import type { ShardMap } from './shard-map.js'
import type { ShardPost } from './shard-post.js'

const BUSY = 'the tracker is busy, or this part of it is starting again: try again in a minute'

export class ShardedHttp implements HttpTracker {
  readonly #own: HttpDesk
  readonly #map: ShardMap
  readonly #post: ShardPost
  readonly #torrent = new AnnouncedTorrent()

  constructor(own: HttpDesk, map: ShardMap, post: ShardPost) {
    this.#own = own
    this.#map = map
    this.#post = post
  }

  announce(url: string, from: number, client: string): Eventual<string> {
    const infoHash = this.#torrent.read(url, from)
    const owner = infoHash === undefined ? this.#map.own : this.#map.ownerOf(infoHash)
    if (owner === this.#map.own) return this.#own.announce(url, from, client)
    // No address has a question mark.
    const body = Buffer.from(`${client}?${url.slice(from)}`, 'latin1')
    return this.#post.call(owner, 'announce', body).then(textOf, busy)
  }

  scrape(url: string, from: number): Eventual<string> {
    const answer = this.#own.scrape(url, from)
    return typeof answer === 'string' ? answer : answer.catch(busy)
  }
}

/** What a worker answers to `announce`. */
export function serveAnnounce(own: HttpDesk, body: Buffer): Buffer {
  const text = body.toString('latin1')
  const mark = text.indexOf('?')
  return Buffer.from(own.announce(text, mark + 1, text.slice(0, mark)), 'latin1')
}

function textOf(answer: Buffer): string {
  return answer.toString('latin1')
}

function busy(): string {
  return failureAnswer(BUSY)
}
