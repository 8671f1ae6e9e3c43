/**
 * Which worker keeps which swarm. By a keyed hash of the info hash: without the key nobody can choose torrents that all
 * fall to the same worker.
 */
import { INFO_HASH_BYTES } from '../announce-request.js'
import { SipHash } from '../sip-hash.js'

export class ShardMap {
  /** Of this process. */
  readonly own: number
  readonly count: number
  readonly #hasher: SipHash
  readonly #infoHash = new Uint8Array(INFO_HASH_BYTES)

  /** The key is the same in all processes. */
  constructor(own: number, count: number, key: Uint8Array) {
    this.own = own
    this.count = count
    this.#hasher = new SipHash(key, 'table')
  }

  ownerOf(infoHash: Uint8Array): number {
    return (this.#hasher.hash(infoHash, INFO_HASH_BYTES) >>> 0) % this.count
  }

  /** Of the info hash at this place of a packet. */
  ownerAt(packet: Uint8Array, at: number): number {
    for (let byte = 0; byte < INFO_HASH_BYTES; byte++) this.#infoHash[byte] = packet[at + byte]!
    return this.ownerOf(this.#infoHash)
  }

  owns(infoHash: Uint8Array): boolean {
    return this.ownerOf(infoHash) === this.own
  }
}
