/**
 * The connection ids of UDP trackers (BEP 15) without memory: an id is the second it was given out and a
 * MAC over that second and the address it was given to. So a forger has to guess 56 bits, a flood of
 * connects costs no memory, and an id works for its own address only.
 */
import type { AddressBytes } from '../core/compact-peers.js'
import type { SipHash } from './sip-hash.js'

/** As BEP 15 wants: a client may use its id for one minute, the tracker takes it for two. */
export const CONNECTION_LIFE_SECONDS = 120

/** The clocks of processes that share the key may differ by so much. */
export const CLOCK_SKEW_SECONDS = 4

const ID_BYTES = 8

/** Whom an id is for. */
export interface IdHolder {
  /** May be longer than the address in it. */
  readonly address: Uint8Array
  readonly addressBytes: AddressBytes
}

export class ConnectionIds {
  readonly #hasher: SipHash
  readonly #message = new Uint8Array(16 + 4)
  readonly #id = new Uint8Array(ID_BYTES)

  /** The hasher's key must be secret, and not be used for anything that strangers can see. */
  constructor(hasher: SipHash) {
    this.#hasher = hasher
  }

  /** Writes a new id. */
  write(target: Uint8Array, at: number, holder: IdHolder, nowSeconds: number): void {
    this.#make(holder, nowSeconds)
    target.set(this.#id, at)
  }

  /**
   * Whether the packet begins with an id that was given to this holder not too long ago. Takes as long for
   * a wrong id as for a right one.
   */
  accepts(packet: Uint8Array, holder: IdHolder, nowSeconds: number): boolean {
    const ageSeconds = ((nowSeconds + CLOCK_SKEW_SECONDS - packet[0]!) & 0xff) - CLOCK_SKEW_SECONDS
    this.#make(holder, nowSeconds - ageSeconds)
    let difference = 0
    for (let byte = 0; byte < ID_BYTES; byte++) difference |= packet[byte]! ^ this.#id[byte]!
    return difference === 0 && ageSeconds <= CONNECTION_LIFE_SECONDS
  }

  #make({ address, addressBytes }: IdHolder, seconds: number): void {
    const [id, message] = [this.#id, this.#message]
    for (let byte = 0; byte < addressBytes; byte++) message[byte] = address[byte]!
    putWord(message, addressBytes, seconds)
    const low = this.#hasher.hash(message, addressBytes + 4)
    putWord(id, 0, low)
    putWord(id, 4, this.#hasher.high)
    // Says when it was given out. What it replaces is the price: 56 bits of the MAC are left.
    id[0] = seconds
  }
}

function putWord(target: Uint8Array, at: number, value: number): void {
  target[at] = value
  target[at + 1] = value >> 8
  target[at + 2] = value >> 16
  target[at + 3] = value >> 24
}
