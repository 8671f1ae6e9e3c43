/**
 * Every address that was heard of, and what came of it: whom to dial next, whom to leave alone for a while,
 * and whom for good. Bounded: when full, an address that never answered makes room for a new one.
 */
import type { Random } from '../core/clock.js'
import { addressKey, type PeerAddress, type PeerSource } from '../core/peer-address.js'

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 300_000
/** After so many failures in a row an address counts as gone, though it is still tried now and then. */
const GONE_AFTER_FAILURES = 3

type Standing = 'waiting' | 'busy' | 'banned'

interface Entry {
  readonly address: PeerAddress
  readonly source: PeerSource
  standing: Standing
  failures: number
  /** Not to be dialled before, in clock milliseconds. */
  dueMs: number
  /** It took part in a corrupt piece: a new connection does not make it a new peer. */
  isSuspect: boolean
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
  add(address: PeerAddress, source: PeerSource): boolean {
    const key = addressKey(address)
    const isPort = Number.isInteger(address.port) && address.port > 0 && address.port <= 65_535
    if (!isPort || this.#entries.has(key)) return false
    if (this.#entries.size >= this.#limit && !this.#evict()) return false
    this.#entries.set(key, { address, source, standing: 'waiting', failures: 0, dueMs: 0, isSuspect: false })
    return true
  }

  /** Somebody could be dialled now. */
  isAnyDue(nowMs: number): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.standing === 'waiting' && entry.dueMs <= nowMs) return true
    }
    return false
  }

  /** The best address to dial now: the fewest failures, then the longest due. It is busy from here on. */
  next(nowMs: number): PeerAddress | undefined {
    let best: Entry | undefined
    for (const entry of this.#entries.values()) {
      if (entry.standing !== 'waiting' || entry.dueMs > nowMs) continue
      if (best === undefined || isBetter(entry, best)) best = entry
    }
    if (best !== undefined) best.standing = 'busy'
    return best?.address
  }

  /** The connection is over. `wasUseful`: it brought something, so that the next try comes soon. */
  ended(address: PeerAddress, wasUseful: boolean, nowMs: number): void {
    const entry = this.#entries.get(addressKey(address))
    if (entry === undefined || entry.standing === 'banned') return
    entry.failures = wasUseful ? 0 : entry.failures + 1
    const pauseMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.failures)
    entry.standing = 'waiting'
    entry.dueMs = nowMs + pauseMs * (0.75 + this.#random() / 2)
  }

  /** We ended the connection for reasons of our own: the address can be dialled again at any time. */
  released(address: PeerAddress): void {
    const entry = this.#entries.get(addressKey(address))
    if (entry?.standing !== 'busy') return
    entry.standing = 'waiting'
    entry.dueMs = 0
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

  #evict(): boolean {
    for (const [key, entry] of this.#entries) {
      if (entry.standing !== 'waiting' || entry.failures === 0) continue
      this.#entries.delete(key)
      return true
    }
    return false
  }
}

function isBetter(a: Entry, b: Entry): boolean {
  return a.failures !== b.failures ? a.failures < b.failures : a.dueMs < b.dueMs
}
