/**
 * One process's share of a tracker with several workers: the swarms that fall to it, sockets that it shares with the
 * others, and the post between them.
 */
import type { DatagramDesk } from '../datagram-desk.js'
import type { Eventual } from '../eventual.js'
import type { CheckedOptions } from '../tracker-options.js'
import { TrackerParts } from '../tracker-parts.js'
import type { DatagramSender } from '../udp-front.js'
import { ShardMap } from './shard-map.js'
import { ShardPost } from './shard-post.js'
import { ShardedCounting, serveCount, serveList } from './sharded-counting.js'
import { ShardedHttp, serveAnnounce } from './sharded-http.js'
import { ShardedUdp } from './sharded-udp.js'
import type { Verb } from './verbs.js'

/** What all processes must agree on. */
export interface SharedSecrets {
  readonly connectionKey: Uint8Array
  readonly shardKey: Uint8Array
}

export interface ShardSeat {
  /** The number of the process, from 0. */
  readonly own: number
  readonly secrets: SharedSecrets
  readonly nowSeconds: () => number
  readonly isCatalogued: (infoHashHex: string) => boolean
  /** What only this kind of process answers. */
  readonly serve: (verb: Verb, body: Buffer) => Eventual<Uint8Array>
}

/** A UDP front, of which answers leave. */
export interface AnsweringFront {
  take(packet: Buffer, sender: DatagramSender): void
  send(answer: Buffer, receiver: DatagramSender): void
}

export class Shard {
  readonly map: ShardMap
  readonly post: ShardPost
  readonly parts: TrackerParts
  readonly http: ShardedHttp
  readonly #seat: ShardSeat
  #fronts: readonly AnsweringFront[] = []

  constructor(options: CheckedOptions, seat: ShardSeat) {
    const { own, secrets, nowSeconds, isCatalogued } = seat
    this.#seat = seat
    this.map = new ShardMap(own, options.workers, secrets.shardKey)
    this.post = new ShardPost(own, {
      datagram: (front, packet, sender) => this.#fronts[front]?.take(packet, sender),
      serve: (verb, body) => this.#serve(verb, body),
    })
    this.parts = new TrackerParts(options, {
      connectionKey: secrets.connectionKey,
      nowSeconds,
      isCatalogued,
      countAll: (counting) => new ShardedCounting(counting, this.map, this.post),
    })
    this.http = new ShardedHttp(this.parts.http, this.map, this.post)
  }

  udp(front: number): DatagramDesk {
    const { map, post, parts } = this
    return new ShardedUdp({
      own: parts.udp,
      map,
      post,
      counting: parts.counting,
      front,
      send: (answer, receiver) => this.#fronts[front]?.send(answer, receiver),
    })
  }

  /** Through these leave the answers to what others received. */
  attach(fronts: readonly AnsweringFront[]): void {
    this.#fronts = fronts
  }

  #serve(verb: Verb, body: Buffer): Eventual<Uint8Array> {
    switch (verb) {
      case 'announce':
        return serveAnnounce(this.parts.http, body)
      case 'count':
        return serveCount(this.parts.ownCounting, body)
      case 'list':
        return serveList(this.parts.ownCounting, body)
      default:
        return this.#seat.serve(verb, body)
    }
  }
}
