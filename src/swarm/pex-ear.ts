/** Listens to what one peer tells of others (BEP 11), at the pace that it is allowed, and believes what it can know. */
import { mayTellOf } from '../core/address-reach.js'
import { PeerError } from '../core/errors.js'
import { TokenBucket } from '../core/token-bucket.js'
import { decodePex, type PexPeer } from '../wire/pex-messages.js'

/** Taken of one message, of each family of addresses. */
const MOST_PEERS = 50
/** It may tell us once a minute; some programs are early now and then, or had to wait for a busy line. */
const HEARD_PER_SECOND = 1 / 45
const HEARD_AT_ONCE = 4
/** So many that came too early are passed over between two that are heard; then that is all it does. */
const MOST_EARLY = 50

export class PexEar {
  readonly #teller: string
  readonly #patience: TokenBucket
  #earlyCount = 0

  /** `teller`: the host of the peer. */
  constructor(teller: string, nowMs: number) {
    this.#teller = teller
    this.#patience = new TokenBucket(HEARD_PER_SECOND, HEARD_AT_ONCE, nowMs)
  }

  /** The peers that a message names; nobody when it comes too early. Throws PeerError BAD_MESSAGE, FLOODING. */
  hear(payload: Uint8Array, nowMs: number): readonly PexPeer[] {
    if (this.#patience.available(nowMs) < 1) {
      if (++this.#earlyCount > MOST_EARLY) throw new PeerError('FLOODING', 'it names peers without end')
      return []
    }
    this.#patience.take(1)
    this.#earlyCount = 0
    return decodePex(payload, MOST_PEERS).filter(({ host }) => mayTellOf(this.#teller, host))
  }
}
