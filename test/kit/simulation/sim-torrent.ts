/**
 * The torrent around a scheduler under test: memory, a disk that answers when it is told to, and a book of
 * its own on what became of each block, to hold the scheduler to.
 */
import assert from 'node:assert/strict'
import { BLOCK_BYTES, Geometry, type PieceIndex } from '../../../src/core/geometry.js'
import { Arena } from '../../../src/swarm/arena.js'
import { BlockScheduler } from '../../../src/swarm/block-scheduler.js'
import type { DownloadPeer } from '../../../src/swarm/download-peer.js'
import type { OpenRun } from '../../../src/swarm/open-run.js'
import { PiecePicker } from '../../../src/swarm/piece-picker.js'
import { RunGrid } from '../../../src/swarm/run-grid.js'
import type { BlockRequest } from '../../../src/wire/messages.js'
import { seededDice } from '../dice.js'
import { payloadBytes } from '../payload.js'
import type { SimPlan } from './sim-plan.js'

/** `dropped`: it had come, but its run may have been given up since. */
export type BlockState = 'missing' | 'received' | 'dropped' | 'writing' | 'stored' | 'unwanted'

/** What the torrent tells the peers of the simulation. */
export interface SimHost {
  cancel(peer: DownloadPeer, request: BlockRequest): void
  /** The hash matched bytes of these peers, or not. */
  judge(index: PieceIndex, sources: ReadonlySet<number>, isGood: boolean): void
}

export class SimTorrent {
  readonly geometry: Geometry
  readonly grid: RunGrid
  readonly picker: PiecePicker
  readonly arena: Arena
  readonly scheduler: BlockScheduler
  /** The block whose last bytes the scheduler is taking at this moment. */
  accepting: number | undefined
  /** The next answer of the disk is `corrupt`, whatever the bytes. */
  isGlitching = false
  readonly #host: SimHost
  readonly #share
  readonly #blocksPerPiece: number
  readonly #states: BlockState[]
  readonly #image: Buffer
  readonly #tasks: (() => void)[] = []
  #writingBytes = 0

  constructor(plan: SimPlan, host: SimHost) {
    this.#host = host
    const { totalBytes, pieceLength } = plan
    this.geometry = new Geometry(totalBytes, pieceLength, [{ offset: 0, length: totalBytes }])
    const { pieceCount } = this.geometry
    this.grid = new RunGrid(this.geometry, plan.memoryBytes)
    this.arena = new Arena(Math.max(plan.memoryBytes, this.grid.bufferBytes))
    this.#share = this.arena.join(true)
    this.picker = new PiecePicker(pieceCount, plan.order, seededDice(plan.seed))
    const actions = {
      runFilled: (run: OpenRun) => this.#takeRun(run),
      pieceFilled: (run: OpenRun, slot: number) => this.#takePiece(run, slot),
      cancel: (peer: DownloadPeer, request: BlockRequest) => this.#host.cancel(peer, request),
    }
    this.scheduler = new BlockScheduler({ ...this, arena: this.#share, actions })
    this.#blocksPerPiece = Math.ceil(pieceLength / BLOCK_BYTES)
    this.#states = new Array<BlockState>(pieceCount * this.#blocksPerPiece).fill('unwanted')
    this.#image = Buffer.alloc(totalBytes)
    for (let index = 0; index < pieceCount; index++) {
      if (plan.skipEvery === 0 || index % plan.skipEvery !== 0) this.#want(index as PieceIndex)
    }
  }

  get isComplete(): boolean {
    return this.#states.every((state) => state === 'stored' || state === 'unwanted')
  }

  /** Tasks that the disk has not answered. */
  get taskCount(): number {
    return this.#tasks.length
  }

  /** Bytes in buffers that are on their way to the disk. */
  get writingBytes(): number {
    return this.#writingBytes
  }

  keyOf({ index, begin }: { readonly index: number; readonly begin: number }): number {
    return index * this.#blocksPerPiece + begin / BLOCK_BYTES
  }

  state(key: number): BlockState {
    return this.#states[key]!
  }

  setState(key: number, state: BlockState): void {
    this.#states[key] = state
  }

  /** Whether every block that is missing is among those that somebody is asked for. */
  isAllRequested(isRequested: (key: number) => boolean): boolean {
    return this.#states.every((state, key) => state !== 'missing' || isRequested(key))
  }

  /** Time passes. Runs that the scheduler gave up have lost their blocks: which, only it knows. */
  tick(nowMs: number): void {
    const { wastedBytes } = this.scheduler
    this.scheduler.tick(nowMs)
    if (this.scheduler.wastedBytes === wastedBytes) return
    this.#states.forEach((state, key) => {
      if (state === 'received') this.#states[key] = 'dropped'
    })
  }

  /** The disk answers its oldest task. */
  answer(): void {
    this.#tasks.shift()?.()
  }

  #want(index: PieceIndex): void {
    this.picker.add(index)
    this.#mark(index, 'missing')
  }

  /** All blocks of the piece, or of a stretch of it. */
  #mark(index: PieceIndex, state: BlockState, begin = 0, length = this.geometry.pieceBytes(index)): void {
    for (let at = begin; at < begin + length; at += BLOCK_BYTES) {
      const key = this.keyOf({ index, begin: at })
      if (state === 'writing') this.#checkFilled(key)
      this.#states[key] = state
    }
  }

  #checkFilled(key: number): void {
    const isThere = key === this.accepting || ['received', 'dropped'].includes(this.state(key))
    assert.ok(isThere, `block ${key} goes to the disk, but it is ${this.state(key)}`)
  }

  #takeRun(run: OpenRun): void {
    const { firstPiece, pieceCount, begin, length } = run.stretch
    const slots = Array.from({ length: pieceCount }, (_, slot) => slot).filter((s) => !run.isHandedOver(s))
    const isPart = this.grid.partsPerPiece > 1
    for (const slot of slots) {
      const index = (firstPiece + slot) as PieceIndex
      if (isPart) this.#mark(index, 'writing', begin, length)
      else this.#mark(index, 'writing')
    }
    const sources = slots.map((slot) => run.sourcesOf(slot))
    const buffer = moved(run.buffer!)
    this.#writingBytes += buffer.byteLength
    this.#tasks.push(() => {
      this.#writingBytes -= buffer.byteLength
      const bytes = Buffer.from(buffer)
      if (isPart) this.#write(firstPiece, begin, bytes.subarray(0, length))
      for (const slot of slots) {
        const at = slot * this.geometry.pieceLength
        if (!isPart) this.#write((firstPiece + slot) as PieceIndex, 0, bytes.subarray(at))
      }
      this.#share.give(buffer)
      if (isPart) this.#settlePart(run, sources[0]!)
      else slots.forEach((slot, at) => void this.#settle((firstPiece + slot) as PieceIndex, sources[at]!))
    })
  }

  #takePiece(run: OpenRun, slot: number): void {
    const index = (run.stretch.firstPiece + slot) as PieceIndex
    this.#mark(index, 'writing')
    const copy = Buffer.from(run.buffer!.slice(slot * this.geometry.pieceLength))
    const sources = run.sourcesOf(slot)
    this.#tasks.push(() => {
      this.#write(index, 0, copy)
      this.#settle(index, sources)
    })
  }

  #write(index: PieceIndex, begin: number, bytes: Buffer): void {
    const length = Math.min(bytes.length, this.geometry.pieceBytes(index) - begin)
    bytes.copy(this.#image, this.geometry.pieceOffset(index) + begin, 0, length)
  }

  #settlePart(run: OpenRun, sources: ReadonlySet<number>): void {
    const { parted } = this.scheduler
    if (!parted.written(run.stretch, sources)) return
    this.#settle(run.stretch.firstPiece, parted.end(run.stretch.firstPiece))
  }

  #settle(index: PieceIndex, sources: ReadonlySet<number>): void {
    const offset = this.geometry.pieceOffset(index)
    const length = this.geometry.pieceBytes(index)
    const isGood = this.#image.subarray(offset, offset + length).equals(payloadBytes(offset, length))
    assert.ok(sources.size > 0, 'bytes have a source')
    if (isGood && this.isGlitching) {
      this.isGlitching = false
      return this.#want(index)
    }
    if (isGood) this.#mark(index, 'stored')
    else this.#want(index)
    this.#host.judge(index, sources, isGood)
  }
}

/** What happens to a buffer that goes to a worker: whoever writes to the old one from now on fails. */
function moved(buffer: ArrayBuffer): ArrayBuffer {
  return structuredClone(buffer, { transfer: [buffer] })
}
