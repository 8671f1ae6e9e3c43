/**
 * A UDP tracker as a function (BEP 15): a datagram and its sender in, the answer out. No sockets.
 *
 * Who has not shown by a connection id that it reads what is sent to its address gets nothing larger than
 * what it sent: an answer to `connect`, of the same 16 bytes, or silence. So the tracker is no amplifier,
 * and a forger learns nothing.
 */
import type { AnnounceDesk } from './announce-desk.js'
import { type AnnounceEvent, AnnounceRequest, INFO_HASH_BYTES } from './announce-request.js'
import { writeCompactPeers } from './compact-answer.js'
import type { ConnectionIds, IdHolder } from './connection-ids.js'
import { readWord, writeWord } from './network-words.js'
import type { SwarmCounts } from './swarm-registry.js'
import { MAX_ANSWER_BYTES, UdpAnswer } from './udp-answer.js'
import { urlDataEnd } from './udp-options.js'

const CONNECT = 0
export const ANNOUNCE = 1
export const SCRAPE = 2
const ERROR = 3

const HEADER_BYTES = 16
export const ANNOUNCE_BYTES = 98
/** In announces and scrapes alike. */
export const INFO_HASH_AT = HEADER_BYTES
const EVENTS: readonly AnnounceEvent[] = ['update', 'completed', 'started', 'stopped']
/** BEP 15: more do not fit into a datagram. */
const MAX_SCRAPES = 74
const NO_ANSWER = 0
/** Where they start in the answer to an announce. */
const PEERS_AT = 20

export class UdpDesk {
  /** Where the answer to the datagram in hand goes. */
  #answer = new UdpAnswer()
  readonly #desk: AnnounceDesk
  readonly #ids: ConnectionIds
  readonly #request = new AnnounceRequest()
  readonly #mayNameItself: (source: IdHolder) => boolean
  readonly counts = { connects: 0, announces: 0, scrapes: 0, errors: 0, ignored: 0 }

  constructor(desk: AnnounceDesk, ids: ConnectionIds, mayNameItself: (source: IdHolder) => boolean) {
    this.#desk = desk
    this.#ids = ids
    this.#mayNameItself = mayNameItself
  }

  /** Returns how many bytes of the answer to send; 0 for silence. */
  receive(packet: Buffer, source: IdHolder, answer: UdpAnswer): number {
    this.#answer = answer
    if (packet.length < HEADER_BYTES) return this.#ignore()
    const action = readWord(packet, 8)
    if (action === CONNECT) return this.#connect(packet, source)
    if (!this.isKnown(packet, source)) return this.#ignore()
    if (action === ANNOUNCE && packet.length >= ANNOUNCE_BYTES) return this.#announce(packet, source)
    if (action === SCRAPE) return this.#scrape(packet)
    return this.#refuse(packet, 'this is no request that a tracker knows')
  }

  #connect(packet: Buffer, source: IdHolder): number {
    if (readWord(packet, 0) !== 0x417 || readWord(packet, 4) !== 0x27101980) return this.#ignore()
    this.counts.connects++
    this.#begin(packet, CONNECT)
    this.#ids.write(this.#answer.bytes, 8, source, this.#desk.nowSeconds)
    return 16
  }

  #announce(packet: Buffer, source: IdHolder): number {
    if (urlDataEnd(packet, ANNOUNCE_BYTES) === undefined)
      return this.#refuse(packet, 'the options are broken')
    const request = this.#read(packet, source)
    const reason = this.#desk.announce(request)
    if (reason !== undefined) return this.#refuse(packet, reason)
    this.counts.announces++
    const { registry } = this.#desk
    const { addressBytes } = request
    const peers = registry.peersOf(addressBytes)
    const picks = addressBytes === 4 ? this.#desk.ipv4Picks : this.#desk.ipv6Picks
    const room = Math.floor((MAX_ANSWER_BYTES - PEERS_AT) / (addressBytes + 2))
    request.wantedCount = Math.min(request.wantedCount ?? 0, room)
    registry.pick(picks, addressBytes, request)
    this.#begin(packet, ANNOUNCE)
    const { bytes, pairs } = this.#answer
    const seedCount = registry.swarm === -1 ? 0 : registry.seedCount(registry.swarm)
    const memberCount = registry.swarm === -1 ? 0 : registry.memberCount(registry.swarm)
    writeWord(bytes, 8, this.#desk.intervalSeconds())
    writeWord(bytes, 12, memberCount - seedCount)
    writeWord(bytes, 16, seedCount)
    return 2 * writeCompactPeers(peers, registry.swarm, picks, { pairs, at: PEERS_AT / 2 })
  }

  /** The fields of an announce. Of the address that it names, only a trusted sender's counts. */
  #read(packet: Buffer, source: IdHolder): AnnounceRequest {
    const request = this.#request
    for (let at = 0; at < INFO_HASH_BYTES; at++) {
      request.infoHash[at] = packet[16 + at]!
      request.peerId[at] = packet[36 + at]!
    }
    request.isSeed = readWord(packet, 64) === 0 && readWord(packet, 68) === 0
    request.event = EVENTS[readWord(packet, 80)] ?? 'update'
    const wanted = readWord(packet, 92)
    request.wantedCount = wanted < 0 ? undefined : wanted
    request.addressBytes = source.addressBytes
    const isNamed = source.addressBytes === 4 && readWord(packet, 84) !== 0 && this.#mayNameItself(source)
    const [from, at] = isNamed ? [packet, 84] : [source.address, 0]
    for (let byte = 0; byte < source.addressBytes; byte++) request.endpoint[byte] = from[at + byte]!
    request.port = (packet[96]! << 8) | packet[97]!
    return request
  }

  #scrape(packet: Buffer): number {
    const infoHashes = scrapedInfoHashes(packet)
    if (infoHashes === undefined) return this.#refuse(packet, `scrape 1 to ${MAX_SCRAPES} torrents`)
    const { registry } = this.#desk
    const counts = infoHashes.map((infoHash) => registry.counts(registry.swarms.find(infoHash)))
    return this.answerScrape(packet, counts, this.#answer)
  }

  /** The sender of the packet has shown a right connection id, and the counts are those of its torrents. */
  answerScrape(packet: Buffer, counts: readonly SwarmCounts[], answer: UdpAnswer): number {
    this.#answer = answer
    this.counts.scrapes++
    this.#begin(packet, SCRAPE)
    for (const [torrent, infoHash] of scrapedInfoHashes(packet)!.entries()) {
      const isServed = this.#desk.torrents.permits(infoHash)
      const { seeds, completed, leechers } = isServed ? counts[torrent]! : NOBODY
      const at = 8 + torrent * 12
      writeWord(answer.bytes, at, seeds)
      writeWord(answer.bytes, at + 4, completed)
      writeWord(answer.bytes, at + 8, leechers)
    }
    return 8 + counts.length * 12
  }

  /** Whether the sender has shown a connection id that was given to it. */
  isKnown(packet: Buffer, source: IdHolder): boolean {
    return this.#ids.accepts(packet, source, this.#desk.nowSeconds)
  }

  /** Only to those who have shown a connection id. */
  #refuse(packet: Buffer, reason: string): number {
    this.counts.errors++
    this.#begin(packet, ERROR)
    return 8 + this.#answer.bytes.write(reason, 8, 'latin1')
  }

  #ignore(): number {
    this.counts.ignored++
    return NO_ANSWER
  }

  #begin(packet: Buffer, action: number): void {
    writeWord(this.#answer.bytes, 0, action)
    writeWord(this.#answer.bytes, 4, readWord(packet, 12))
  }
}

const NOBODY: SwarmCounts = { seeds: 0, leechers: 0, completed: 0 }

/** What a scrape asks for; undefined when those are too many or none. */
export function scrapedInfoHashes(packet: Buffer): Buffer[] | undefined {
  const count = Math.floor((packet.length - HEADER_BYTES) / INFO_HASH_BYTES)
  if (count < 1 || count > MAX_SCRAPES) return undefined
  return Array.from({ length: count }, (_, torrent) => {
    const at = HEADER_BYTES + torrent * INFO_HASH_BYTES
    return packet.subarray(at, at + INFO_HASH_BYTES)
  })
}
