/** What the peer book keeps of an address, and which of two goes first, or makes room first. Pure. */
import type { PeerAddress, PeerSource } from '../core/peer-address.js'
import type { Quota } from './address-quotas.js'
import { PEER_SOURCES } from './peer-sources.js'

/** An address, and what came of it. */
export interface BookEntry {
  readonly address: PeerAddress
  priority: number
  /** The most trusted of those that named it. */
  source: PeerSource
  quotas: readonly Quota[]
  standing: 'waiting' | 'busy'
  /** In a row. */
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

/** After so many failures in a row an address counts as gone, though it is still tried now and then. */
export const GONE_AFTER_FAILURES = 3

export function hasFailed({ failures }: BookEntry): boolean {
  return failures > 0
}

/** Nobody need wait for it, unless the user does. */
export function isGone({ failures, source }: BookEntry): boolean {
  return failures >= GONE_AFTER_FAILURES && source !== 'user'
}

export function rankOf(source: PeerSource): number {
  return PEER_SOURCES[source].rank
}

/** Of two from the same source. */
export function isBetter(a: BookEntry, b: BookEntry): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures
  return a.dueMs !== b.dueMs ? a.dueMs < b.dueMs : a.priority > b.priority
}

export function isWorse(a: BookEntry, b: BookEntry): boolean {
  if (a.source !== b.source) return rankOf(a.source) > rankOf(b.source)
  return a.failures > b.failures
}
