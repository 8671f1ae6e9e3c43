/**
 * Looks for peers in the DHT, a few info hashes at a time, and announces us to the nodes nearest to each. Peers are
 * told of as they are found; how many one look-up may bring is bounded.
 */
import { LIMITS } from '../config.js'
import { addressKey, type PeerAddress } from '../core/peer-address.js'
import { Turns } from './turns.js'

export interface DhtSearch {
  readonly infoHash: Uint8Array
  /** Where peers may connect to us. */
  readonly port: number
  readonly onPeers: (addresses: readonly PeerAddress[]) => void
  /** Aborted: it is over, and nothing is found any more. */
  readonly signal: AbortSignal
}

/** What walks the DHT. The package that does has no types of its own, which the library's must do without. */
export interface DhtWalker {
  /** `teller`: the node that names the address; null for ourselves. */
  on(
    event: 'peer',
    hear: (address: PeerAddress, infoHash: Buffer, teller: PeerAddress | null) => void,
  ): unknown
  /** What is returned ends it at the next answer. */
  lookup(infoHash: Buffer, done: () => void): () => void
  announce(infoHash: Buffer, port: number, done: () => void): void
}

/**
 * How long the turn of a look-up lasts at least: in a small DHT they are over at once and ask the same few nodes, which
 * take whoever asks without end for a flood.
 */
const TURN_MS = 100

export class DhtLookups {
  readonly #dht: DhtWalker
  readonly #turns = new Turns(LIMITS.dhtLookups, TURN_MS)
  /** By info hash. */
  readonly #findings = new Map<string, Finding>()

  constructor(dht: DhtWalker) {
    this.#dht = dht
    dht.on('peer', ({ host, port }, infoHash, teller) => {
      this.#findings.get(infoHash.toString('hex'))?.add({ host, port }, teller)
    })
  }

  /** Resolves when nobody nearer is left to ask, and we are announced. Rejects with what `onPeers` throws. */
  async search(search: DhtSearch): Promise<void> {
    await this.#turns.run(() => this.#search(search), search.signal)
  }

  async #search({ infoHash, port, onPeers, signal }: DhtSearch): Promise<void> {
    const target = Buffer.from(infoHash)
    const key = target.toString('hex')
    const finding = new Finding(onPeers, signal)
    this.#findings.set(key, finding)
    await done(signal, (end) => this.#dht.lookup(target, end))
    await done(signal, (end) => this.#dht.announce(target, port, end))
    if (this.#findings.get(key) === finding) this.#findings.delete(key)
    finding.throwFailure()
  }
}

/** What one look-up brings. Nodes name many peers at once, and are heard one after another. */
class Finding {
  readonly #onPeers: DhtSearch['onPeers']
  readonly #signal: AbortSignal
  readonly #seen = new Set<string>()
  /** How many each node has brought, by its address. */
  readonly #counts = new Map<string, number>()
  #untold: PeerAddress[] = []
  #failure: unknown

  constructor(onPeers: DhtSearch['onPeers'], signal: AbortSignal) {
    this.#onPeers = onPeers
    this.#signal = signal
  }

  /**
   * `teller`: the node that names it; null for ourselves. When there are enough, each may still name a few: else some
   * liars would silence all the rest.
   */
  add(address: PeerAddress, teller: PeerAddress | null): void {
    const key = addressKey(address)
    const node = teller === null ? 'ours' : addressKey(teller)
    const count = this.#counts.get(node) ?? 0
    const isEnough = this.#seen.size >= LIMITS.dhtPeersPerLookup && count >= LIMITS.dhtPeersOfEachNode
    if (isEnough || this.#seen.has(key)) return
    this.#counts.set(node, count + 1)
    this.#seen.add(key)
    if (this.#untold.push(address) === 1) queueMicrotask(() => this.#tell())
  }

  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #tell(): void {
    const addresses = this.#untold
    this.#untold = []
    if (this.#signal.aborted || this.#failure !== undefined) return
    try {
      this.#onPeers(addresses)
    } catch (error) {
      this.#failure = error
    }
  }
}

/** Does not begin, or waits no longer, when it is aborted. What `begin` gives back ends what was begun. */
async function done(signal: AbortSignal, begin: (end: () => void) => unknown): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const finish = () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = () => {
      if (typeof abort === 'function') abort()
      resolve()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const abort = begin(finish)
  })
}
