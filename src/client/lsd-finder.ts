/** Finds a torrent's peers on the networks around this machine, and is found by them (BEP 14). */
import type { Clock } from '../core/clock.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { LsdDesk } from './lsd-desk.js'
import type { PeerFinder, SearchHost } from './peer-search.js'

export interface LsdFinderParts {
  readonly torrent: Pick<Metainfo, 'infoHash'>
  readonly desk: Pick<LsdDesk, 'join'>
  readonly host: Pick<SearchHost, 'addAddresses' | 'failed'>
  readonly clock: Clock
  /** Whoever named a time waits that long for neighbours who are yet to come. */
  readonly isPatient: boolean
}

/** Neighbours who hear of us connect to us at once, or when they next look for peers: aria2 does every ten seconds. */
const ANSWER_MS = 15_000

export class LsdFinder implements PeerFinder {
  readonly trouble = undefined
  readonly #parts: LsdFinderParts
  #running: AbortController | undefined
  #startedMs: number

  constructor(parts: LsdFinderParts) {
    this.#parts = parts
    this.#startedMs = parts.clock.now()
  }

  get isHopeful(): boolean {
    return this.#parts.isPatient || this.#parts.clock.now() - this.#startedMs < ANSWER_MS
  }

  start(): void {
    if (this.#running !== undefined) return
    const { torrent, desk, host, clock } = this.#parts
    this.#running = new AbortController()
    this.#startedMs = clock.now()
    const onPeer = (address: PeerAddress) => this.#meet(address)
    const joining = desk.join({ infoHash: torrent.infoHash.hex, onPeer }, this.#running.signal)
    joining.catch((error: Error) => host.failed(error))
  }

  /** Nobody need hear of it: those who try to connect will see. */
  async stop(): Promise<void> {
    this.#running?.abort()
    this.#running = undefined
  }

  #meet(address: PeerAddress): void {
    const { host } = this.#parts
    try {
      host.addAddresses([address], 'lsd')
    } catch (error) {
      host.failed(error as Error)
    }
  }
}
