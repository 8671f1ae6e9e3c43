/**
 * When which torrent is announced to the local network (BEP 14): when it begins, a minute later, for packets get lost,
 * and then every five minutes; never twice within a minute, not even if it leaves and comes back.
 */
const PAUSE_MS = 60_000
const INTERVAL_MS = 300_000

interface Turn {
  dueMs: number
  announceCount: number
}

export class AnnounceRota {
  /** By info hash. */
  readonly #turns = new Map<string, Turn>()
  /** Of those that were announced within the last minute or so, here or gone. */
  readonly #announcedMs = new Map<string, number>()

  /** When somebody is due next; Infinity when nobody is here. */
  get nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY
    for (const { dueMs } of this.#turns.values()) nextMs = Math.min(nextMs, dueMs)
    return nextMs
  }

  join(infoHash: string, nowMs: number): void {
    const announcedMs = this.#announcedMs.get(infoHash) ?? Number.NEGATIVE_INFINITY
    this.#turns.set(infoHash, { dueMs: Math.max(nowMs, announcedMs + PAUSE_MS), announceCount: 0 })
  }

  leave(infoHash: string): void {
    this.#turns.delete(infoHash)
  }

  /** Those whose turn it is, at most so many; it is then not theirs any more. */
  take(nowMs: number, mostCount: number): string[] {
    this.#forgetOld(nowMs)
    const taken: string[] = []
    for (const [infoHash, turn] of this.#turns) {
      if (turn.dueMs > nowMs || taken.length === mostCount) continue
      turn.dueMs = nowMs + (turn.announceCount++ === 0 ? PAUSE_MS : INTERVAL_MS)
      this.#announcedMs.set(infoHash, nowMs)
      taken.push(infoHash)
    }
    return taken
  }

  #forgetOld(nowMs: number): void {
    for (const [infoHash, announcedMs] of this.#announcedMs) {
      if (nowMs - announcedMs >= PAUSE_MS) this.#announcedMs.delete(infoHash)
    }
  }
}
