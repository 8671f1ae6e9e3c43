/**
 * One run in memory: its buffer, and for each block whether it is missing, requested or received, and from
 * whom its bytes came. Blocks are numbered from 0 within the run.
 */
import { BLOCK_BYTES, type Geometry, type PieceIndex } from '../core/geometry.js'
import type { BlockRequest } from '../wire/messages.js'

/** A stretch of the byte space: whole pieces from `begin` 0, or a part of one piece. */
export interface RunStretch {
  readonly firstPiece: PieceIndex
  readonly pieceCount: number
  /** Where in the first piece it starts, in bytes: 0 unless the run is a part. */
  readonly begin: number
  readonly length: number
}

const MISSING = 0
const REQUESTED = 1
const RECEIVED = 2
const NOBODY = -1

export class OpenRun {
  readonly blockCount: number
  /** Only this peer may fill the run (parole), by its number. */
  exclusiveTo: number | undefined
  readonly openedMs: number
  /** When a block was last requested or received, in clock milliseconds. */
  touchedMs: number
  /** Some of it is filled by peers much slower than the rest, so that fast ones stay away. */
  readonly isSlow: boolean

  readonly #geometry: Geometry
  readonly #takeBuffer: () => ArrayBuffer
  /** Taken when the first byte arrives. */
  #bytes: Uint8Array<ArrayBuffer> | undefined
  readonly #blocksPerPiece: number
  readonly #states: Uint8Array
  readonly #requesters: Uint8Array
  readonly #sources: Int32Array
  /** Further peers that wrote into a block, as pairs of block and peer number. */
  readonly #moreSources: number[] = []
  readonly #pieceMissing: Int32Array
  readonly #handedOver = new Set<number>()
  #missingCount: number
  #unreceivedCount: number
  #cursor = 0

  constructor(
    geometry: Geometry,
    readonly stretch: RunStretch,
    takeBuffer: () => ArrayBuffer,
    options: { readonly nowMs: number; readonly isSlow: boolean; readonly exclusiveTo: number | undefined },
  ) {
    this.#geometry = geometry
    this.#takeBuffer = takeBuffer
    this.#blocksPerPiece = Math.ceil(geometry.pieceLength / BLOCK_BYTES)
    this.openedMs = options.nowMs
    this.touchedMs = options.nowMs
    this.isSlow = options.isSlow
    this.exclusiveTo = options.exclusiveTo
    this.#pieceMissing = new Int32Array(stretch.pieceCount)
    for (let slot = 0; slot < stretch.pieceCount; slot++) {
      const bytes = Math.min(stretch.length, geometry.pieceBytes((stretch.firstPiece + slot) as PieceIndex))
      this.#pieceMissing[slot] = Math.ceil(bytes / BLOCK_BYTES)
    }
    const lastSlot = stretch.pieceCount - 1
    this.blockCount = lastSlot * this.#blocksPerPiece + this.#pieceMissing[lastSlot]!
    this.#states = new Uint8Array(this.blockCount)
    this.#requesters = new Uint8Array(this.blockCount)
    this.#sources = new Int32Array(this.blockCount).fill(NOBODY)
    this.#missingCount = this.blockCount
    this.#unreceivedCount = this.blockCount
  }

  /** What holds the run's bytes; undefined as long as none has arrived. */
  get buffer(): ArrayBuffer | undefined {
    return this.#bytes?.buffer
  }

  /** Blocks that nobody is asked for. */
  get missingCount(): number {
    return this.#missingCount
  }

  /** Blocks that somebody is asked for and that have not come. */
  get requestedCount(): number {
    return this.#unreceivedCount - this.#missingCount
  }

  /** Nothing has come yet. */
  get isUntouched(): boolean {
    return this.#unreceivedCount === this.blockCount
  }

  /** About how much has come, counted in whole blocks. */
  get receivedBytes(): number {
    return (this.blockCount - this.#unreceivedCount) * BLOCK_BYTES
  }

  get isComplete(): boolean {
    return this.#unreceivedCount === 0
  }

  /** True when every block of that piece (counted from the run's first) has been received. */
  isPieceComplete(slot: number): boolean {
    return this.#pieceMissing[slot] === 0
  }

  /** True unless the run is kept for somebody else. */
  admits(peer: number): boolean {
    return this.exclusiveTo === undefined || this.exclusiveTo === peer
  }

  /** True when the peer has a piece of it that is not complete. */
  isOfUse(hasPiece: (index: number) => boolean): boolean {
    return this.#pieceMissing.some((count, slot) => count > 0 && hasPiece(this.stretch.firstPiece + slot))
  }

  /** That piece went to the disk before the rest of the run. */
  isHandedOver(slot: number): boolean {
    return this.#handedOver.has(slot)
  }

  markHandedOver(slot: number): void {
    this.#handedOver.add(slot)
  }

  /** The block's number, for an index and begin that belong to this run. */
  blockAt(index: number, begin: number): number {
    const slot = index - this.stretch.firstPiece
    return slot * this.#blocksPerPiece + (begin - this.stretch.begin) / BLOCK_BYTES
  }

  /** The request for a block of this run. */
  requestFor(block: number): BlockRequest {
    const slot = Math.floor(block / this.#blocksPerPiece)
    const index = (this.stretch.firstPiece + slot) as PieceIndex
    const begin = this.stretch.begin + (block % this.#blocksPerPiece) * BLOCK_BYTES
    return { index, begin, length: this.#geometry.blockBytes(index, begin) }
  }

  /** The first missing block whose piece the peer has. */
  findMissing(hasPiece: (index: number) => boolean): number | undefined {
    if (this.#missingCount === 0) return undefined
    for (let block = this.#cursor; block < this.blockCount; block++) {
      if (this.#states[block] !== MISSING) {
        if (block === this.#cursor) this.#cursor++
        continue
      }
      if (hasPiece(this.#pieceOfBlock(block))) return block
    }
    return undefined
  }

  /** The same, now marked as requested. */
  takeMissing(hasPiece: (index: number) => boolean, nowMs: number): number | undefined {
    const block = this.findMissing(hasPiece)
    if (block === undefined) return undefined
    this.#states[block] = REQUESTED
    this.#requesters[block] = 1
    this.#missingCount--
    this.touchedMs = nowMs
    return block
  }

  /** The last block that has not come and fewer than `most` peers are asked for, for one more to be asked. */
  takeRequested(allows: (index: number, block: number) => boolean, most: number): number | undefined {
    for (let block = this.blockCount - 1; block >= 0; block--) {
      if (this.#states[block] !== REQUESTED || this.#requesters[block]! >= most) continue
      if (!allows(this.#pieceOfBlock(block), block)) continue
      this.#requesters[block]!++
      return block
    }
    return undefined
  }

  /** A peer will not send the block after all. */
  release(block: number): void {
    if (this.#requesters[block]! > 0) this.#requesters[block]!--
    if (this.#states[block] !== REQUESTED || this.#requesters[block]! > 0) return
    this.#states[block] = MISSING
    this.#missingCount++
    if (block < this.#cursor) this.#cursor = block
  }

  isReceived(block: number): boolean {
    return this.#states[block] === RECEIVED
  }

  /** How many peers are asked for the block. */
  requestersOf(block: number): number {
    return this.#requesters[block]!
  }

  /** Copies bytes into their place: the one copy that a byte undergoes on the event loop. */
  write(block: number, offset: number, bytes: Uint8Array, peer: number): void {
    const slot = Math.floor(block / this.#blocksPerPiece)
    const begin = (block % this.#blocksPerPiece) * BLOCK_BYTES
    this.#bytes ??= new Uint8Array(this.#takeBuffer())
    this.#bytes.set(bytes, slot * this.#geometry.pieceLength + begin + offset)
    const source = this.#sources[block]!
    if (source === NOBODY) this.#sources[block] = peer
    else if (source !== peer) this.#moreSources.push(block, peer)
  }

  /** All bytes of the block are in place. */
  markReceived(block: number, nowMs: number): void {
    if (this.#states[block] === MISSING) this.#missingCount--
    this.#states[block] = RECEIVED
    this.#unreceivedCount--
    this.#pieceMissing[Math.floor(block / this.#blocksPerPiece)]!--
    this.touchedMs = nowMs
  }

  /** The numbers of all peers whose bytes are in the piece. */
  sourcesOf(slot: number): Set<number> {
    const from = slot * this.#blocksPerPiece
    const end = Math.min(from + this.#blocksPerPiece, this.blockCount)
    const peers = new Set(this.#sources.subarray(from, end))
    for (let at = 0; at < this.#moreSources.length; at += 2) {
      const block = this.#moreSources[at]!
      if (block >= from && block < end) peers.add(this.#moreSources[at + 1]!)
    }
    peers.delete(NOBODY)
    return peers
  }

  #pieceOfBlock(block: number): number {
    return this.stretch.firstPiece + Math.floor(block / this.#blocksPerPiece)
  }
}
