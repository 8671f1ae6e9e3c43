/**
 * Every address that was heard of, from whatever source, and what came of it: whom to dial next, whom to leave alone
 * for a while, and whom for good.
 *
 * Bounded as a whole, and for each source, network and teller, so that one that is poisoned crowds out no other: where
 * a bound is reached, one that did not answer makes room, and in a full book one that is trusted less than the new one,
 * or that is gone. Nobody who is connected ever does. Whoever is banned takes no room at all.
 */
import type { Random } from '../core/clock.js'
import {
  addressKey,
  type FoundAddress,
  type PeerAddress,
  type PeerSource,
  type SourcedAddress,
} from '../core/peer-address.js'
import { AddressQuotas, type Quota, quotasOf } from './address-quotas.js'
import {
  type BookEntry,
  GONE_AFTER_FAILURES,
  hasFailed,
  isBetter,
  isGone,
  isWorse,
  rankOf,
} from './book-entry.js'
import { PEER_SOURCES } from './peer-sources.js'
import { plausibleAddress } from './plausible-address.js'

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 300_000

/** All that the book asks of others. */
export interface BookView {
  readonly random: Random
  /** We listen there ourselves. */
  isOwn(address: PeerAddress): boolean
  /** BEP 40: of two that are otherwise alike, the one with the higher goes first. */
  priorityOf(address: PeerAddress): number
  /** Another when priorities are others; that may not be often. */
  readonly priorityVersion: number
}

export class PeerBook {
  readonly #limit: number
  readonly #view: BookView
  readonly #entries = new Map<string, BookEntry>()
  readonly #quotas = new AddressQuotas()
  /** Those that are banned, known before or not: the latest of them. */
  readonly #outlaws = new Set<string>()
  /** Those that led to ourselves, the latest of them as well. */
  readonly #own = new Set<string>()
  #priorityVersion = 0

  constructor(limit: number, view: BookView) {
    this.#limit = limit
    this.#view = view
  }

  /** Those that are tried, however seldom. */
  get size(): number {
    return this.#entries.size
  }

  get addresses(): readonly SourcedAddress[] {
    return [...this.#entries.values()].map(({ address, source, isEncrypted }) => {
      return { ...address, source, ...(isEncrypted ? { prefersEncryption: true } : {}) }
    })
  }

  /** True when nobody is left who could be expected to answer. */
  get isExhausted(): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.standing === 'busy' || entry.failures < GONE_AFTER_FAILURES) return false
    }
    return true
  }

  /** How many are banned, as far as that is remembered. */
  get bannedCount(): number {
    return this.#outlaws.size
  }

  /** False when it is known already, is ours or nobody's, or finds no room. `teller`: the host that named it. */
  add(address: FoundAddress, source: PeerSource, teller?: string): boolean {
    const plausible = plausibleAddress(address, source)
    if (plausible === undefined || this.#view.isOwn(plausible)) return false
    const key = addressKey(plausible)
    if (this.#outlaws.has(key) || this.#own.has(key)) return false
    const quotas = quotasOf({ address: plausible, source, teller }, this.#limit)
    const known = this.#entries.get(key)
    if (known !== undefined) this.#trust(known, source, quotas)
    if (known !== undefined || !this.#makeRoom(source, quotas)) return false
    this.#enter({ ...plausible, source, prefersEncryption: address.prefersEncryption === true }, quotas)
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
   * The address to dial now, busy from here on: of the source that has the least load for its weight, then of the
   * most trusted one, the address with the fewest failures, then the longest due. `loadOf`: connections that are being
   * made; Infinity for a source that may begin none.
   */
  next(nowMs: number, loadOf: (source: PeerSource) => number = () => 0): SourcedAddress | undefined {
    this.#rankAnew()
    const best = new Map<PeerSource, BookEntry>()
    for (const entry of this.#entries.values()) {
      if (entry.standing !== 'waiting' || entry.dueMs > nowMs) continue
      const other = best.get(entry.source)
      if (other === undefined || isBetter(entry, other)) best.set(entry.source, entry)
    }
    const turn = (source: PeerSource) => loadOf(source) / PEER_SOURCES[source].weight
    const [chosen] = [...best.values()]
      .filter(({ source }) => loadOf(source) !== Number.POSITIVE_INFINITY)
      .sort((a, b) => turn(a.source) - turn(b.source) || rankOf(a.source) - rankOf(b.source))
    if (chosen === undefined) return undefined
    chosen.standing = 'busy'
    return { ...chosen.address, source: chosen.source }
  }

  /** It has connected to us: nobody need dial it. False when somebody does, or it is banned or finds no room. */
  met(address: PeerAddress): boolean {
    this.add(address, 'incoming')
    const entry = this.#find(address)
    if (entry?.standing !== 'waiting') return false
    entry.standing = 'busy'
    return true
  }

  /** The connection is over. `wasUseful`: it brought something, so that the next try comes soon, or after `leastMs`. */
  ended(address: PeerAddress, wasUseful: boolean, nowMs: number, leastMs = 0): void {
    const entry = this.#find(address)
    if (entry === undefined) return
    entry.failures = wasUseful ? 0 : entry.failures + 1
    const pauseMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.failures)
    entry.standing = 'waiting'
    entry.isSecondTry = false
    entry.dueMs = nowMs + Math.max(pauseMs, leastMs) * (0.75 + this.#view.random() / 2)
  }

  /** What we want has changed: whoever answered the last time can be dialled now. */
  recall(): void {
    for (const entry of this.#entries.values()) if (entry.failures === 0) entry.dueMs = 0
  }

  /** We ended the connection for reasons of our own: the address can be dialled again at any time. */
  released(address: PeerAddress): void {
    const entry = this.#find(address)
    if (entry?.standing !== 'busy') return
    entry.standing = 'waiting'
    entry.dueMs = 0
  }

  /**
   * The peer took the connection, but ended it without a handshake: it can be dialled again at once, encrypted if it
   * was plain and the other way round. False, and nothing changed, when that was so already.
   */
  tryOtherwise(address: PeerAddress): boolean {
    const entry = this.#find(address)
    if (entry?.standing !== 'busy' || entry.isSecondTry) return false
    entry.isEncrypted = !entry.isEncrypted
    entry.isSecondTry = true
    entry.standing = 'waiting'
    entry.dueMs = 0
    return true
  }

  /** How it was said to prefer it, or let us in last. */
  prefersEncryption(address: PeerAddress): boolean {
    return this.#find(address)?.isEncrypted === true
  }

  isSuspect(address: PeerAddress): boolean {
    return this.#find(address)?.isSuspect === true
  }

  setSuspect(address: PeerAddress, isSuspect: boolean): void {
    const entry = this.#find(address)
    if (entry !== undefined) entry.isSuspect = isSuspect
  }

  /** Never dials the address again, known or not. False when that was so already. */
  ban(address: PeerAddress): boolean {
    return this.#shut(address, this.#outlaws)
  }

  /** As {@link ban}, of an address that leads to ourselves: that is nobody's fault. */
  disown(address: PeerAddress): void {
    this.#shut(address, this.#own)
  }

  #shut(address: PeerAddress, list: Set<string>): boolean {
    const key = addressKey(address)
    this.#remove(key)
    if (list.has(key)) return false
    list.add(key)
    if (list.size > this.#limit) list.delete(list.keys().next().value!)
    return true
  }

  #find(address: PeerAddress): BookEntry | undefined {
    return this.#entries.get(addressKey(address))
  }

  #enter({ host, port, source, prefersEncryption }: SourcedAddress, quotas: readonly Quota[]): void {
    this.#quotas.enter(quotas)
    const address = { host, port }
    this.#entries.set(addressKey(address), {
      address,
      priority: this.#priorityOf(address, source),
      source,
      quotas,
      standing: 'waiting',
      failures: 0,
      dueMs: 0,
      isSuspect: false,
      isEncrypted: prefersEncryption === true,
      isSecondTry: false,
    })
  }

  /** Whoever names addresses by hand names them in the order of his choice. */
  #priorityOf(address: PeerAddress, source: PeerSource): number {
    return source === 'user' ? 0 : this.#view.priorityOf(address)
  }

  /** Those that were heard of before anybody knew are alike with those that came later. */
  #rankAnew(): void {
    if (this.#priorityVersion === this.#view.priorityVersion) return
    this.#priorityVersion = this.#view.priorityVersion
    for (const entry of this.#entries.values()) entry.priority = this.#priorityOf(entry.address, entry.source)
  }

  /** Somebody else has named it, too: the better word counts. */
  #trust(entry: BookEntry, source: PeerSource, quotas: readonly Quota[]): void {
    if (rankOf(source) >= rankOf(entry.source) || quotas.some((quota) => this.#quotas.isFull(quota))) return
    this.#quotas.leave(entry.quotas)
    this.#quotas.enter(quotas)
    entry.source = source
    entry.quotas = quotas
  }

  #makeRoom(source: PeerSource, quotas: readonly Quota[]): boolean {
    for (const quota of quotas) {
      if (!this.#quotas.isFull(quota)) continue
      const shares = (entry: BookEntry) => entry.quotas.some(({ key }) => key === quota.key)
      if (!this.#evict((entry) => hasFailed(entry) && shares(entry))) return false
    }
    if (this.#entries.size < this.#limit) return true
    const rank = rankOf(source)
    return this.#evict((entry) => isGone(entry) || rankOf(entry.source) >= rank + (hasFailed(entry) ? 0 : 1))
  }

  /** The worst that waits and is such. */
  #evict(isSuch: (entry: BookEntry) => boolean): boolean {
    let worst: BookEntry | undefined
    for (const entry of this.#entries.values()) {
      if (entry.standing !== 'waiting' || !isSuch(entry)) continue
      if (worst === undefined || isWorse(entry, worst)) worst = entry
    }
    return worst !== undefined && this.#remove(addressKey(worst.address))
  }

  #remove(key: string): boolean {
    this.#quotas.leave(this.#entries.get(key)?.quotas ?? [])
    return this.#entries.delete(key)
  }
}
