/**
 * The buffers that pieces are assembled in, under one byte budget for all torrents of a client. A run of
 * pieces is admitted here before any of its blocks is requested, so requested + received + being written
 * never exceeds the budget: when it is spent, peers are asked for less, and it is the network that waits.
 *
 * Buffers are plain ArrayBuffers (a shared one would make V8 copy with its slow, relaxed memmove), moved to
 * a worker and back, and reused newest first while they are warm in the cache.
 */
export class Arena {
  readonly #shares = new Set<ArenaShare>()
  readonly #idle: ArrayBuffer[] = []
  #idleBytes = 0
  #usedBytes = 0

  constructor(readonly budgetBytes: number) {}

  /** Piece bytes that are admitted now. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** A torrent's door to the arena. */
  join(): ArenaShare {
    const share: ArenaShare = new ArenaShare({
      isHalfFree: () => this.#usedBytes * 2 <= this.budgetBytes,
      take: (bytes) => this.#take(share, bytes),
      give: (buffer) => this.#keep(buffer),
      leave: () => {
        this.#shares.delete(share)
        this.#usedBytes -= share.usedBytes
      },
    })
    this.#shares.add(share)
    return share
  }

  #take(share: ArenaShare, bytes: number): ArrayBuffer | undefined {
    if (this.#usedBytes + bytes > this.budgetBytes || !this.#isFair(share, bytes)) return undefined
    this.#usedBytes += bytes
    for (let at = this.#idle.length - 1; at >= 0; at--) {
      if (this.#idle[at]!.byteLength !== bytes) continue
      this.#idleBytes -= bytes
      return this.#idle.splice(at, 1)[0]
    }
    this.#dropIdle(bytes)
    return new ArrayBuffer(bytes)
  }

  /** While another torrent waits, nobody takes more than an equal part; a first buffer is always fair. */
  #isFair(share: ArenaShare, bytes: number): boolean {
    if (share.usedBytes === 0) return true
    const part = this.budgetBytes / this.#shares.size
    if (share.usedBytes + bytes <= part) return true
    for (const other of this.#shares) if (other !== share && other.isHungry) return false
    return true
  }

  #keep(buffer: ArrayBuffer): void {
    this.#usedBytes -= buffer.byteLength
    this.#idle.push(buffer)
    this.#idleBytes += buffer.byteLength
  }

  /** Idle buffers of another size make room, so that what is allocated stays within the budget as well. */
  #dropIdle(neededBytes: number): void {
    while (this.#idle.length > 0 && this.#usedBytes + this.#idleBytes > this.budgetBytes + neededBytes) {
      this.#idleBytes -= this.#idle.shift()!.byteLength
    }
  }
}

interface ArenaDoor {
  isHalfFree(): boolean
  take(bytes: number): ArrayBuffer | undefined
  give(buffer: ArrayBuffer): void
  leave(): void
}

/** What one torrent holds of the arena. */
export class ArenaShare {
  readonly #door: ArenaDoor
  #usedBytes = 0
  #isHungry = false

  constructor(door: ArenaDoor) {
    this.#door = door
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** At least half of the arena is free. */
  get isHalfFree(): boolean {
    return this.#door.isHalfFree()
  }

  /** It asked last time and got nothing. */
  get isHungry(): boolean {
    return this.#isHungry
  }

  /** A buffer of exactly so many bytes, with old contents, or undefined: then try again after a `give`. */
  take(bytes: number): ArrayBuffer | undefined {
    const buffer = this.#door.take(bytes)
    this.#isHungry = buffer === undefined
    if (buffer !== undefined) this.#usedBytes += bytes
    return buffer
  }

  give(buffer: ArrayBuffer): void {
    this.#usedBytes -= buffer.byteLength
    this.#door.give(buffer)
  }

  /** The torrent has ended, and nothing of it is in a task any more. What it still held is let go. */
  leave(): void {
    this.#door.leave()
    this.#usedBytes = 0
    this.#isHungry = false
  }
}
