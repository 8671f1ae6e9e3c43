/**
 * The memory that pieces are assembled in, under one byte budget for all torrents of a client. A run of
 * pieces is admitted here before any of its blocks is requested, so requested + received + being written
 * never exceeds the budget: when it is spent, peers are asked for less, and it is the network that waits.
 *
 * Within the budget it keeps to a working set, because bytes that wait go cold in the cache and are dear to
 * hash: while runs wait for the disk, the set shrinks; while peers wait for memory, and the disk does not
 * lag, it grows. What is on the way over long distances is in no cache yet, and comes on top.
 *
 * A buffer is handed out only when the first byte of a run arrives, the one that came back last first. They
 * are plain ArrayBuffers (a shared one would make V8 copy with its slow, relaxed memmove), moved to a worker
 * and back.
 */
/** The working set at the start, and the least that it shrinks to. */
const INITIAL_WORKING_BYTES = 16 * 1024 * 1024
const LEAST_WORKING_BYTES = 8 * 1024 * 1024
/** Nor does it shrink to fewer runs than this. */
const LEAST_WORKING_RUNS = 6

export class Arena {
  readonly #shares = new Set<ArenaShare>()
  readonly #idle: ArrayBuffer[] = []
  #idleBytes = 0
  #usedBytes = 0
  /** In buffers that are out. */
  #lentBytes = 0
  #wayBytes = 0
  #workingBytes: number

  constructor(readonly budgetBytes: number) {
    this.#workingBytes = Math.min(budgetBytes, INITIAL_WORKING_BYTES)
  }

  /** Piece bytes that are admitted now. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** A run of so many bytes has been dealt with, and so many others wait for a thread. */
  pace(runBytes: number, waitingCount: number): void {
    if (waitingCount > 1) {
      const least = Math.min(this.budgetBytes, Math.max(LEAST_WORKING_BYTES, LEAST_WORKING_RUNS * runBytes))
      this.#workingBytes = Math.max(least, this.#workingBytes - runBytes)
    } else if (waitingCount === 0 && this.#isAnyoneHungry()) {
      this.#workingBytes = Math.min(this.budgetBytes, this.#workingBytes + runBytes)
    }
  }

  /**
   * A torrent's door to the arena. Without `isPaced` the working set does not bind it: for those that must be
   * able to hold as much as the budget allows.
   */
  join(isPaced: boolean): ArenaShare {
    const share: ArenaShare = new ArenaShare({
      isHalfFree: () => this.#usedBytes * 2 <= this.#limit(isPaced, 0),
      hasRoom: (bytes) => this.#hasRoom(share, bytes, isPaced),
      use: (bytes) => {
        this.#usedBytes += bytes
      },
      buffer: (bytes) => this.#buffer(bytes),
      keep: (buffer) => this.#keep(buffer),
      noteWay: (bytes) => {
        this.#wayBytes += bytes
      },
      leave: () => {
        this.#shares.delete(share)
        this.#wayBytes -= share.wayBytes
        this.#usedBytes -= share.usedBytes
        this.#lentBytes -= share.lentBytes
      },
    })
    this.#shares.add(share)
    return share
  }

  #hasRoom(share: ArenaShare, bytes: number, isPaced: boolean): boolean {
    const limit = this.#limit(isPaced, bytes)
    return this.#usedBytes + bytes <= limit && this.#isFair(share, bytes, limit / this.#shares.size)
  }

  #limit(isPaced: boolean, runBytes: number): number {
    if (!isPaced) return this.budgetBytes
    const setBytes = Math.max(this.#workingBytes, LEAST_WORKING_RUNS * runBytes)
    return Math.min(this.budgetBytes, setBytes + this.#wayBytes)
  }

  #isAnyoneHungry(): boolean {
    for (const share of this.#shares) if (share.isHungry) return true
    return false
  }

  #buffer(bytes: number): ArrayBuffer {
    this.#lentBytes += bytes
    for (let at = this.#idle.length - 1; at >= 0; at--) {
      if (this.#idle[at]!.byteLength !== bytes) continue
      this.#idleBytes -= bytes
      return this.#idle.splice(at, 1)[0]!
    }
    this.#makeRoom()
    return new ArrayBuffer(bytes)
  }

  /** While another torrent waits, nobody takes more than an equal part; a first buffer is always fair. */
  #isFair(share: ArenaShare, bytes: number, partBytes: number): boolean {
    if (share.usedBytes === 0 || share.usedBytes + bytes <= partBytes) return true
    for (const other of this.#shares) if (other !== share && other.isHungry) return false
    return true
  }

  #keep(buffer: ArrayBuffer): void {
    this.#lentBytes -= buffer.byteLength
    this.#idle.push(buffer)
    this.#idleBytes += buffer.byteLength
    this.#makeRoom()
  }

  /** What is allocated stays within the budget as well: the idle buffers used longest ago go. */
  #makeRoom(): void {
    while (this.#idle.length > 0 && this.#lentBytes + this.#idleBytes > this.budgetBytes) {
      this.#idleBytes -= this.#idle.shift()!.byteLength
    }
  }
}

interface ArenaDoor {
  isHalfFree(): boolean
  hasRoom(bytes: number): boolean
  /** Counts bytes as admitted; fewer than none are withdrawn. */
  use(bytes: number): void
  buffer(bytes: number): ArrayBuffer
  keep(buffer: ArrayBuffer): void
  /** So much more is on the way; fewer than none: less. */
  noteWay(bytes: number): void
  leave(): void
}

/** What one torrent holds of the arena. */
export class ArenaShare {
  readonly #door: ArenaDoor
  #usedBytes = 0
  #lentBytes = 0
  #wayBytes = 0
  #isHungry = false
  #hasLeft = false

  constructor(door: ArenaDoor) {
    this.#door = door
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** In buffers that are out. */
  get lentBytes(): number {
    return this.#lentBytes
  }

  /** What the ways to all peers hold at their rates. */
  get wayBytes(): number {
    return this.#wayBytes
  }

  set wayBytes(bytes: number) {
    if (!this.#hasLeft) this.#door.noteWay(bytes - this.#wayBytes)
    this.#wayBytes = bytes
  }

  /** At least half of the memory that may be used now is free. */
  get isHalfFree(): boolean {
    return this.#door.isHalfFree()
  }

  /** It asked last time and got nothing. */
  get isHungry(): boolean {
    return this.#isHungry
  }

  /** Reserves memory for so many bytes. False when there is none: then try again after a `give`. */
  admit(bytes: number): boolean {
    this.#isHungry = !this.#door.hasRoom(bytes)
    if (!this.#isHungry) this.#use(bytes)
    return !this.#isHungry
  }

  /** It asked last time and got nothing, and would get nothing now. */
  isShortOf(bytes: number): boolean {
    return this.#isHungry && !this.#door.hasRoom(bytes)
  }

  /** Admitted bytes are not needed after all; no buffer was taken for them. */
  withdraw(bytes: number): void {
    this.#use(-bytes)
  }

  /** A buffer of exactly so many bytes, which were admitted before. It holds old contents. */
  buffer(bytes: number): ArrayBuffer {
    this.#lentBytes += bytes
    return this.#door.buffer(bytes)
  }

  /** Ends an admission whose buffer was taken. */
  give(buffer: ArrayBuffer): void {
    if (this.#hasLeft) return
    this.withdraw(buffer.byteLength)
    this.#lentBytes -= buffer.byteLength
    this.#door.keep(buffer)
  }

  /** The torrent wants nothing for a while: others need not leave it its part. */
  rest(): void {
    this.#isHungry = false
  }

  /** The torrent has ended: what it still held is let go, and what comes back later is not counted again. */
  leave(): void {
    this.#door.leave()
    this.#hasLeft = true
    this.#usedBytes = 0
    this.#lentBytes = 0
    this.#wayBytes = 0
    this.#isHungry = false
  }

  #use(bytes: number): void {
    this.#usedBytes += bytes
    this.#door.use(bytes)
  }
}
