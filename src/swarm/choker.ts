/**
 * Whom to upload to. While downloading: those that give us most, and one by turns, whoever it is, because it
 * may give more (BEP 3: tit for tat, optimistic unchoke). While seeding: one half of the places to those that
 * take fastest, the other by turns to those that have waited longest.
 *
 * Pure: the same peers, slots and dice give the same answer. The caller owns the tick.
 */
import type { Random } from '../core/clock.js'

export interface UploadCandidate {
  /** Names it in the answer. */
  readonly number: number
  /** What it gives us, while we download, and takes from us, while we seed. */
  readonly bytesPerSecond: number
  /** When it was last unchoked, in clock milliseconds; minus infinity for never. */
  readonly unchokedMs: number
  /** It is unchoked now. */
  readonly isUnchoked: boolean
}

/** How long the optimistic place, and a turn while seeding, last: three rounds of ten seconds. */
export const TURN_MS = 30_000

export interface ChokeRound {
  /** Interested peers only. */
  readonly candidates: readonly UploadCandidate[]
  /** How many may be unchoked. */
  readonly slots: number
  readonly isSeeding: boolean
  readonly nowMs: number
  readonly random: Random
}

/** The numbers of the peers that are to be unchoked until the next round. */
export function chooseUnchoked(round: ChokeRound): ReadonlySet<number> {
  const { candidates, slots } = round
  if (candidates.length <= slots) return new Set(candidates.map(({ number }) => number))
  const turns = round.isSeeding ? Math.floor(slots / 2) : Math.min(1, slots)
  const byRate = [...candidates].sort((a, b) => b.bytesPerSecond - a.bytesPerSecond)
  const best = byRate.slice(0, slots - turns)
  const others = byRate.slice(slots - turns)
  return new Set([...best, ...chooseByTurns(others, turns, round)].map(({ number }) => number))
}

/** A turn that has not ended goes on; then those that have waited longest, by lot among equals. */
function chooseByTurns(
  candidates: readonly UploadCandidate[],
  count: number,
  { nowMs, random }: ChokeRound,
): readonly UploadCandidate[] {
  const ranked = candidates.map((candidate) => {
    const isMidTurn = candidate.isUnchoked && nowMs - candidate.unchokedMs < TURN_MS
    return { candidate, isMidTurn, lot: random() }
  })
  ranked.sort((a, b) => {
    if (a.isMidTurn !== b.isMidTurn) return a.isMidTurn ? -1 : 1
    return a.candidate.unchokedMs - b.candidate.unchokedMs || a.lot - b.lot
  })
  return ranked.slice(0, count).map(({ candidate }) => candidate)
}
