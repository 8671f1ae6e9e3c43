/**
 * The HTTP tracker as a function: the target of a GET and its sender in, the bencoded body out (BEP 3, 7,
 * 23, 24, 48). No sockets, no headers. What is wrong with a request comes back as a `failure reason`.
 */
import type { AddressBytes } from '../core/compact-peers.js'
import { writeIp } from '../core/ip-bytes.js'
import type { AnnounceDesk } from './announce-desk.js'
import { AnnounceQuery } from './announce-query.js'
import { INFO_HASH_BYTES } from './announce-request.js'
import { isPrivate, nameAddress } from './client-address.js'
import { writeCompactPeers } from './compact-answer.js'
import { type Eventual, mapped } from './eventual.js'
import {
  type AnnounceAnswer,
  compactAnswer,
  dictionaryAnswer,
  failureAnswer,
  peerDictionary,
  pickedSlots,
  rawText,
  scrapeAnswer,
} from './http-answers.js'
import type { PeerPicks } from './peer-picks.js'
import { eachParameter, readPercentEncoded } from './query-string.js'
import type { SwarmCounting } from './swarm-counting.js'

/** As many as fit into a UDP scrape. */
const MAX_SCRAPES = 74
/** A scrape that names no torrent gets all of them, when they are no more than this. */
const MAX_FULL_SCRAPE = 1_000

export class HttpDesk {
  readonly counts = { announces: 0, scrapes: 0, errors: 0 }
  readonly #desk: AnnounceDesk
  readonly #counting: SwarmCounting
  readonly #privateMayName: boolean
  readonly #query = new AnnounceQuery()
  readonly #source = new Uint8Array(16)
  readonly #peerPairs: Uint16Array
  readonly #peerBytes: Buffer

  constructor(desk: AnnounceDesk, counting: SwarmCounting, privateMayName: boolean) {
    this.#desk = desk
    this.#counting = counting
    this.#privateMayName = privateMayName
    this.#peerPairs = new Uint16Array(desk.ipv6Picks.places.length * 9)
    this.#peerBytes = Buffer.from(this.#peerPairs.buffer)
  }

  /** The query begins at `from`. The client is the text of an IP address. */
  announce(url: string, from: number, client: string): string {
    const addressBytes = writeIp(client, this.#source)
    if (addressBytes === undefined) return this.#refuse('the address of the announce is unknown')
    const query = this.#query
    const { request } = query
    const fault = query.read(url, from)
    if (fault !== undefined) return this.#refuse(fault)
    request.addressBytes = this.#placeAddress(addressBytes)
    request.port = query.port
    const refusal = this.#desk.announce(request)
    if (refusal !== undefined) return this.#refuse(refusal)
    this.counts.announces++
    const { registry, ipv4Picks, ipv6Picks } = this.#desk
    registry.pick(ipv4Picks, 4, request)
    registry.pick(ipv6Picks, 16, request)
    const answer = this.#answer(addressBytes)
    if (!query.isCompact) return dictionaryAnswer(answer, this.#peerDictionaries(query.omitsPeerIds))
    return compactAnswer(answer, this.#compactPeers(4, ipv4Picks), this.#compactPeers(16, ipv6Picks))
  }

  /** Rejects when another worker does not answer. */
  scrape(url: string, from: number): Eventual<string> {
    const infoHashes = readInfoHashes(url, from)
    if (infoHashes === undefined) return this.#refuse('an info_hash is not 20 bytes')
    if (infoHashes.length > MAX_SCRAPES) return this.#refuse(`scrape at most ${MAX_SCRAPES} torrents at once`)
    if (infoHashes.length > 0) return this.#scrape(infoHashes)
    const all = this.#counting.all(MAX_FULL_SCRAPE)
    return all instanceof Promise ? all.then((found) => this.#scrapeAll(found)) : this.#scrapeAll(all)
  }

  #scrapeAll(infoHashes: readonly Uint8Array[] | undefined): Eventual<string> {
    if (infoHashes !== undefined) return this.#scrape(infoHashes)
    return this.#refuse('name the torrents to scrape: there are too many of them')
  }

  #scrape(infoHashes: readonly Uint8Array[]): Eventual<string> {
    this.counts.scrapes++
    const served = infoHashes.filter((infoHash) => this.#desk.torrents.permits(infoHash))
    return mapped(this.#counting.of(served), (counts) => {
      return scrapeAnswer(new Map(served.map((infoHash, at) => [rawText(infoHash), counts[at]!])))
    })
  }

  /** Into the request: the address that it came from, or the one that it may name. */
  #placeAddress(addressBytes: AddressBytes): AddressBytes {
    const { request, namedAddress } = this.#query
    if (this.#privateMayName && namedAddress !== undefined && isPrivate(this.#source, addressBytes)) {
      const named = nameAddress(namedAddress, request.endpoint)
      if (named !== undefined) return named
    }
    for (let byte = 0; byte < addressBytes; byte++) request.endpoint[byte] = this.#source[byte]!
    return addressBytes
  }

  #answer(addressBytes: AddressBytes): AnnounceAnswer {
    const { registry } = this.#desk
    const { seeds, leechers } = registry.counts(registry.swarm)
    return {
      seeds,
      leechers,
      intervalSeconds: this.#desk.intervalSeconds(),
      minIntervalSeconds: this.#desk.minIntervalSeconds(),
      externalIp: String.fromCharCode(...this.#source.subarray(0, addressBytes)),
    }
  }

  #compactPeers(addressBytes: AddressBytes, picks: PeerPicks): string {
    if (picks.count === 0) return ''
    const { registry } = this.#desk
    const target = { pairs: this.#peerPairs, at: 0 }
    const pairCount = writeCompactPeers(registry.peersOf(addressBytes), registry.swarm, picks, target)
    return this.#peerBytes.toString('latin1', 0, pairCount * 2)
  }

  #peerDictionaries(omitsPeerIds: boolean): string[] {
    const { registry, ipv4Picks, ipv6Picks } = this.#desk
    const families = [
      [registry.ipv4, ipv4Picks],
      [registry.ipv6, ipv6Picks],
    ] as const
    return families.flatMap(([peers, picks]) =>
      pickedSlots(peers, registry.swarm, picks).map((slot) => peerDictionary(peers, slot, omitsPeerIds)),
    )
  }

  #refuse(reason: string): string {
    this.counts.errors++
    return failureAnswer(reason)
  }
}

/** Undefined when one of them is broken. */
function readInfoHashes(url: string, from: number): Uint8Array[] | undefined {
  const infoHashes: Uint8Array[] = []
  let isBroken = false
  eachParameter(url, from, {
    parameter(key, start, end) {
      if (key !== 'info_hash') return
      const infoHash = new Uint8Array(INFO_HASH_BYTES)
      if (readPercentEncoded(url, start, end, infoHash) !== INFO_HASH_BYTES) isBroken = true
      infoHashes.push(infoHash)
    },
  })
  return isBroken ? undefined : infoHashes
}
