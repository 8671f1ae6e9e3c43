/**
 * Reads the query of an HTTP announce (BEP 3, BEP 23) in one pass over its characters. Info hashes and peer
 * ids are raw bytes, which the usual URL functions would take for text; and this runs tens of thousands of
 * times a second.
 */
import { type AnnounceEvent, AnnounceRequest, INFO_HASH_BYTES, PEER_ID_BYTES } from './announce-request.js'
import { eachParameter, readNumber, readPercentEncoded } from './query-string.js'

export class AnnounceQuery {
  /** The address in it is not read from the query. */
  readonly request = new AnnounceRequest()
  /** BEP 23: unless the announcer prefers dictionaries. */
  isCompact = true
  /** In dictionaries. */
  omitsPeerIds = false
  /** What the announcer says its address is: not to be believed. */
  namedAddress: string | undefined = undefined
  #url = ''
  #hasInfoHash = false
  #hasPeerId = false
  #port = 0

  /** From the place after the question mark. Returns what is wrong with it, if anything. */
  read(url: string, from: number): string | undefined {
    this.#reset(url)
    eachParameter(url, from, this)
    if (!this.#hasInfoHash) return 'info_hash is missing or is not 20 bytes'
    if (!this.#hasPeerId) return 'peer_id is missing or is not 20 bytes'
    return undefined
  }

  get port(): number {
    return this.#port
  }

  /** For `eachParameter`. */
  parameter(key: string, from: number, end: number): void {
    const url = this.#url
    const { request } = this
    switch (key) {
      case 'info_hash':
        this.#hasInfoHash = readPercentEncoded(url, from, end, request.infoHash) === INFO_HASH_BYTES
        return
      case 'peer_id':
        this.#hasPeerId = readPercentEncoded(url, from, end, request.peerId) === PEER_ID_BYTES
        return
      case 'port':
        this.#port = readNumber(url, from, end, MAX_PORT) ?? 0
        return
      case 'left':
        request.isSeed = readNumber(url, from, end, Number.MAX_SAFE_INTEGER) === 0
        return
      case 'event':
        request.event = EVENTS.get(url.slice(from, end)) ?? 'update'
        return
      case 'numwant':
        request.wantedCount = readNumber(url, from, end, MAX_WANTED)
        return
      case 'compact':
        this.isCompact = readNumber(url, from, end, 1) !== 0
        return
      case 'no_peer_id':
        this.omitsPeerIds = readNumber(url, from, end, 1) === 1
        return
      case 'ip':
        this.namedAddress = url.slice(from, end)
    }
  }

  #reset(url: string): void {
    this.#url = url
    this.#hasInfoHash = false
    this.#hasPeerId = false
    this.#port = 0
    this.isCompact = true
    this.omitsPeerIds = false
    this.namedAddress = undefined
    this.request.isSeed = false
    this.request.event = 'update'
    this.request.wantedCount = undefined
  }
}

const EVENTS: ReadonlyMap<string, AnnounceEvent> = new Map(
  (['started', 'completed', 'stopped'] as const).map((event) => [event, event]),
)
const MAX_PORT = 65_535
const MAX_WANTED = 100_000
