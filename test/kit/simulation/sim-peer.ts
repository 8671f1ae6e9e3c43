/** A peer of the simulation: what it was asked for, and what of that it has sent. */
import { Bitfield } from '../../../src/core/bitfield.js'
import type { Random } from '../../../src/core/clock.js'
import type { Geometry, PieceIndex } from '../../../src/core/geometry.js'
import { DownloadPeer } from '../../../src/swarm/download-peer.js'
import { RequestWindow } from '../../../src/swarm/request-window.js'
import type { BlockPart, BlockRequest } from '../../../src/wire/messages.js'
import { seededDice } from '../dice.js'
import { payloadBytes } from '../payload.js'
import type { PeerPlan } from './sim-plan.js'

const LIMITS = { reqq: 250, requestMinMs: 20_000, requestMaxMs: 60_000 }

export class SimPeer {
  readonly download: DownloadPeer
  /** The order that the peer got the requests in, and will answer them in. */
  queue: BlockRequest[] = []
  /** Pieces that it sends while it chokes us. */
  readonly allowed = new Set<number>()
  readonly #geometry: Geometry
  readonly #dice: Random
  #sending: { readonly request: BlockRequest; offset: number } | undefined

  constructor(
    number: number,
    readonly plan: PeerPlan,
    has: Bitfield,
    context: { readonly geometry: Geometry; readonly nowMs: number },
  ) {
    this.#geometry = context.geometry
    this.#dice = seededDice(plan.seed)
    const window = new RequestWindow(LIMITS, context.nowMs)
    window.reqq = plan.reqq
    this.download = new DownloadPeer(number, has, window, plan.readsStretches ? new Set() : undefined)
  }

  static pieces(plan: PeerPlan, pieceCount: number): Bitfield {
    const dice = seededDice(plan.seed + 1)
    const field = new Bitfield(pieceCount)
    for (let index = 0; index < pieceCount; index++) if (dice() * 10 < plan.tenths) field.set(index)
    return field
  }

  /** Has answered, or begun to answer, every request that still stands. */
  get isIdle(): boolean {
    return this.#sending === undefined && this.queue.length === 0
  }

  /** What the next bytes on its connection bring: of a block, at most `most` bytes. */
  nextPart(most: number): BlockPart | undefined {
    this.#sending ??= this.queue.length > 0 ? { request: this.queue.shift()!, offset: 0 } : undefined
    if (this.#sending === undefined) return undefined
    const { request, offset } = this.#sending
    const length = Math.min(Math.max(1, most), request.length - offset)
    const start = this.#geometry.pieceOffset(request.index as PieceIndex) + request.begin + offset
    const bytes = Uint8Array.from(payloadBytes(start, length))
    if (this.plan.kind === 'liar' && this.#dice() < 0.5) bytes[0]! ^= 0xff
    this.#sending.offset += length
    if (this.#sending.offset === request.length) this.#sending = undefined
    return { type: 'block', ...request, offset, bytes }
  }

  /** It chokes us: requests that it has not begun to answer are forgotten on both sides. */
  dropQueue(): void {
    this.queue = []
  }

  /** What it will not send of the piece, or of all that it does not send while it chokes us. */
  takeRefused(index?: number): BlockRequest[] {
    const isRefused = (own: BlockRequest) =>
      index === undefined ? !this.allowed.has(own.index) : own.index === index
    const refused = this.queue.filter(isRefused)
    this.queue = this.queue.filter((own) => !isRefused(own))
    return refused
  }

  cancel(request: BlockRequest): void {
    if (!this.plan.heedsCancels) return
    this.queue = this.queue.filter((own) => own.index !== request.index || own.begin !== request.begin)
  }
}
