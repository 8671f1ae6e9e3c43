/**
 * Every address that was heard of, from whatever source, and what came of it: whom to dial next, whom to leave alone
 * for a while, and whom for good.
 *
 * Bounded as a whole and for each source, so that one that is poisoned crowds out no other: when full, an address
 * that never answered makes room for a new one, or one that nobody has tried yet, from a source that is trusted less.
 */
import type { Random } from '../core/clock.js'
import { addressKey, type FoundAddress, type PeerAddress, type PeerSource } from '../core/peer-address.js'

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 300_000
/** After so many failures in a row an address counts as gone, though it is still tried now and then. */
const GONE_AFTER_FAILURES = 3

type Standing = 'waiting' | 'busy' | 'banned'

/** Sources, the most trusted first: strangers name others in the DHT and over PEX for nothing. */
const SOURCES: readonly PeerSource[] = ['user', 'tracker', 'lsd', 'incoming', 'dht', 'pex']
/** The part of the book that one source may fill, when it is not all of it. */
const MOST_SHARE: Readonly<Partial<Record<PeerSource, number>>> = {
  lsd: 1 / 10,
  incoming: 1 / 3,
  dht: 1 / 2,
  pex: 1 / 3,
}

interface Entry {
  readonly address: PeerAddress
  /** The most trusted of those that named it. */
  source: PeerSource
  standing: Standing
  failures: number
  /** Not to be dialled before, in clock milliseconds. */
  dueMs: number
  /** It took part in a corrupt piece: a new connection does not make it a new peer. */
  isSuspect: boolean
  /** How it is dialled next, by one who takes both. */
  isEncrypted: boolean
  /** It was refused in the other manner just now. */
  isSecondTry: boolean
}

export class PeerBook {
  readonly #limit: number
  readonly #random: Random
  readonly #entries = new Map<string, Entry>()

  constructor(limit: number, random: Random) {
    this.#limit = limit
    this.#random = random
  }

  get size(): number {
    return this.#entries.size
  }

  /** True when nobody is left who could be expected to answer. */
  get isExhausted(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.standing === 'busy') return false
      if (entry.standing === 'waiting' && entry.failures < GONE_AFTER_FAILURES) return false
    }
    return true
  }

  /** True when somebody is left who is still tried, however seldom. */
  get hasCandidates(): boolean {
    for (const entry of this.#entries.values()) if (entry.standing !== 'banned') return true
    return false
  }

  /** False when it is known already, cannot be an address, or finds no room. */
  add(address: FoundAddress, source: PeerSource): boolean {
    const key = addressKey(address)
    const known = this.#entries.get(key)
    if (known !== undefined && rankOf(source) < rankOf(known.source)) known.source = source
    if (known !== undefined || !isDiallable(address)) return false
    if (!this.#makeRoom(source)) return false
    this.#entries.set(key, {
      address,
      source,
      standing: 'waiting',
      failures: 0,
      dueMs: 0,
      isSuspect: false,
      isEncrypted: address.prefersEncryption === true,
      isSecondTry: false,
    })
    return true
  }

  /** Somebody could be dialled now. */
  isAnyDue(nowMs: number): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.standing === 'waiting' && entry.dueMs <= nowMs) return true
    }
    return false
  }

  /**
   * The best address to dial now: the fewest failures, then the most trusted source, then the longest due. It is busy
   * from here on.
   */
  next(nowMs: number): PeerAddress | undefined {
    let best: Entry | undefined
    for (const entry of this.#entries.values()) {
      if (entry.standing !== 'waiting' || entry.dueMs > nowMs) continue
      if (best === undefined || isBetter(entry, best)) best = entry
    }
    if (best !== undefined) best.standing = 'busy'
    return best?.address
  }

  /** It has connected to us: nobody need dial it. False when somebody does, or it is banned or finds no room. */
  met(address: PeerAddress): boolean {
    this.add(address, 'incoming')
    const entry = this.#entries.get(addressKey(address))
    if (entry?.standing !== 'waiting') return false
    entry.standing = 'busy'
    return true
  }

  /** The connection is over. `wasUseful`: it brought something, so that the next try comes soon. */
  ended(address: PeerAddress, wasUseful: boolean, nowMs: number): void {
    const entry = this.#entries.get(addressKey(address))
    if (entry === undefined || entry.standing === 'banned') return
    entry.failures = wasUseful ? 0 : entry.failures + 1
    const pauseMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.failures)
    entry.standing = 'waiting'
    entry.isSecondTry = false
    entry.dueMs = nowMs + pauseMs * (0.75 + this.#random() / 2)
  }

  /** We ended the connection for reasons of our own: the address can be dialled again at any time. */
  released(address: PeerAddress): void {
    const entry = this.#entries.get(addressKey(address))
    if (entry?.standing !== 'busy') return
    entry.standing = 'waiting'
    entry.dueMs = 0
  }

  /**
   * The peer took the connection, but ended it without a handshake: it can be dialled again at once, encrypted if it
   * was plain and the other way round. False, and nothing changed, when that was so already.
   */
  tryOtherwise(address: PeerAddress): boolean {
    const entry = this.#entries.get(addressKey(address))
    if (entry?.standing !== 'busy' || entry.isSecondTry) return false
    entry.isEncrypted = !entry.isEncrypted
    entry.isSecondTry = true
    entry.standing = 'waiting'
    entry.dueMs = 0
    return true
  }

  /** How it was said to prefer it, or let us in last. */
  prefersEncryption(address: PeerAddress): boolean {
    return this.#entries.get(addressKey(address))?.isEncrypted === true
  }

  isSuspect(address: PeerAddress): boolean {
    return this.#entries.get(addressKey(address))?.isSuspect === true
  }

  setSuspect(address: PeerAddress, isSuspect: boolean): void {
    const entry = this.#entries.get(addressKey(address))
    if (entry !== undefined) entry.isSuspect = isSuspect
  }

  /** Never dials the address again, known or not. False when that was so already. */
  ban(address: PeerAddress): boolean {
    this.add(address, 'incoming')
    const entry = this.#entries.get(addressKey(address))
    if (entry?.standing === 'banned') return false
    if (entry !== undefined) entry.standing = 'banned'
    return true
  }

  #makeRoom(source: PeerSource): boolean {
    const most = Math.max(1, Math.floor(this.#limit * (MOST_SHARE[source] ?? 1)))
    if (this.#countOf(source) >= most)
      return this.#evict((entry) => entry.source === source && hasFailed(entry))
    if (this.#entries.size < this.#limit) return true
    const isLess = (entry: Entry) => entry.failures === 0 && rankOf(entry.source) > rankOf(source)
    return this.#evict(hasFailed) || this.#evict(isLess)
  }

  #countOf(source: PeerSource): number {
    let count = 0
    for (const entry of this.#entries.values()) if (entry.source === source) count++
    return count
  }

  /** The first that waits and is such. */
  #evict(isSuch: (entry: Entry) => boolean): boolean {
    for (const [key, entry] of this.#entries) {
      if (entry.standing !== 'waiting' || !isSuch(entry)) continue
      return this.#entries.delete(key)
    }
    return false
  }
}

function hasFailed({ failures }: Entry): boolean {
  return failures > 0
}

function rankOf(source: PeerSource): number {
  return SOURCES.indexOf(source)
}

function isBetter(a: Entry, b: Entry): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures
  if (a.source !== b.source) return rankOf(a.source) < rankOf(b.source)
  return a.dueMs < b.dueMs
}

/** No peer can be there: no port, this host, everybody, or a group (RFC 1122, RFC 4291). */
function isDiallable({ host, port }: PeerAddress): boolean {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return false
  if (host.includes(':')) return host !== '::' && !/^ff/i.test(host)
  const first = Number.parseInt(host, 10)
  return first > 0 && first < 224
}
