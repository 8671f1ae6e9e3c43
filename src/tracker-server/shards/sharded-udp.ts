/**
 * The UDP tracker behind one socket of one worker: announces for another's swarms go to their owner, whose answer
 * leaves from its own copy of the socket. A scrape of several workers' swarms is answered when all have told.
 */
import type { DatagramDesk, DatagramSource } from '../datagram-desk.js'
import { readWord } from '../network-words.js'
import type { SwarmCounting } from '../swarm-counting.js'
import { UdpAnswer } from '../udp-answer.js'
import {
  ANNOUNCE,
  ANNOUNCE_BYTES,
  INFO_HASH_AT,
  SCRAPE,
  scrapedInfoHashes,
  type UdpDesk,
} from '../udp-desk.js'
import type { DatagramSender } from '../udp-front.js'
import type { ShardMap } from './shard-map.js'
import type { ShardPost } from './shard-post.js'

export interface ShardedUdpParts {
  readonly own: UdpDesk
  readonly map: ShardMap
  readonly post: ShardPost
  readonly counting: SwarmCounting
  /** The number of the socket: the same in all processes. */
  readonly front: number
  /** From that socket. */
  readonly send: (answer: Buffer, receiver: DatagramSender) => void
}

export class ShardedUdp implements DatagramDesk {
  readonly #parts: ShardedUdpParts

  constructor(parts: ShardedUdpParts) {
    this.#parts = parts
  }

  receive(packet: Buffer, source: DatagramSource, answer: UdpAnswer): number {
    const { own, map, post, front } = this.#parts
    const action = packet.length < INFO_HASH_AT ? -1 : readWord(packet, 8)
    if (action === ANNOUNCE && packet.length >= ANNOUNCE_BYTES) {
      const owner = map.ownerAt(packet, INFO_HASH_AT)
      if (owner === map.own) return own.receive(packet, source, answer)
      post.passDatagram(owner, front, packet, source)
      return 0
    }
    const infoHashes = action === SCRAPE ? scrapedInfoHashes(packet) : undefined
    const isOwn = infoHashes === undefined || infoHashes.every((infoHash) => map.owns(infoHash))
    if (isOwn || !own.isKnown(packet, source)) return own.receive(packet, source, answer)
    void this.#scrape(packet, infoHashes, { address: source.host, port: source.port })
    return 0
  }

  /** Clients ask again when they hear nothing. */
  async #scrape(packet: Buffer, infoHashes: readonly Buffer[], sender: DatagramSender): Promise<void> {
    const { own, counting, send } = this.#parts
    try {
      const counts = await counting.of(infoHashes)
      const answer = new UdpAnswer()
      send(answer.bytes.subarray(0, own.answerScrape(packet, counts, answer)), sender)
    } catch {
      // A worker is not there.
    }
  }
}
