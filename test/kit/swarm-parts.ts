/** A small torrent's scheduler with real parts around it, for tests that tell one story each. */
import { Bitfield } from '../../src/core/bitfield.js'
import { Geometry, type PieceIndex } from '../../src/core/geometry.js'
import { Arena, type ArenaShare } from '../../src/swarm/arena.js'
import { BlockScheduler } from '../../src/swarm/block-scheduler.js'
import { DownloadPeer } from '../../src/swarm/download-peer.js'
import type { OpenRun } from '../../src/swarm/open-run.js'
import { PiecePicker } from '../../src/swarm/piece-picker.js'
import { RequestWindow } from '../../src/swarm/request-window.js'
import { RunGrid } from '../../src/swarm/run-grid.js'
import type { BlockRequest } from '../../src/wire/messages.js'
import { seededDice } from './dice.js'
import { payloadBytes } from './payload.js'

export interface SwarmParts {
  readonly geometry: Geometry
  readonly grid: RunGrid
  readonly picker: PiecePicker
  readonly arena: ArenaShare
  readonly scheduler: BlockScheduler
  /** What the scheduler asked to be done, in order. */
  readonly filled: OpenRun[]
  readonly filledPieces: { readonly run: OpenRun; readonly slot: number }[]
  readonly cancelled: { readonly peer: DownloadPeer; readonly request: BlockRequest }[]
}

/** Every piece is wanted and fetched in order; the grid and the arena have the same memory. */
export function swarmParts(totalBytes: number, pieceLength: number, memoryBytes: number): SwarmParts {
  const geometry = new Geometry(totalBytes, pieceLength, [{ offset: 0, length: totalBytes }])
  const grid = new RunGrid(geometry, memoryBytes)
  const picker = new PiecePicker(geometry.pieceCount, 'sequential', seededDice(1))
  for (let index = 0; index < geometry.pieceCount; index++) picker.add(index as PieceIndex)
  const arena = new Arena(memoryBytes).join(true)
  const filled: OpenRun[] = []
  const filledPieces: { run: OpenRun; slot: number }[] = []
  const cancelled: { peer: DownloadPeer; request: BlockRequest }[] = []
  const actions = {
    runFilled: (run: OpenRun) => void filled.push(run),
    pieceFilled: (run: OpenRun, slot: number) => void filledPieces.push({ run, slot }),
    cancel: (peer: DownloadPeer, request: BlockRequest) => void cancelled.push({ peer, request }),
  }
  const scheduler = new BlockScheduler({ grid, picker, arena, actions })
  return { geometry, grid, picker, arena, scheduler, filled, filledPieces, cancelled }
}

/** A peer that has joined, unchoked us and has these pieces, or all. */
export function joinPeer(parts: SwarmParts, number: number, pieces?: readonly number[]): DownloadPeer {
  return join(parts, number, pieces, undefined)
}

/** One that has everything and is asked for long stretches, as a web seed is. */
export function joinReader(parts: SwarmParts, number: number): DownloadPeer {
  return join(parts, number, undefined, new Set())
}

function join(
  parts: SwarmParts,
  number: number,
  pieces: readonly number[] | undefined,
  siblings: ReadonlySet<DownloadPeer> | undefined,
): DownloadPeer {
  const has = new Bitfield(parts.geometry.pieceCount)
  if (pieces === undefined) has.setAll()
  for (const index of pieces ?? []) has.set(index)
  const limits = { reqq: 250, requestMinMs: 20_000, requestMaxMs: 60_000 }
  const peer = new DownloadPeer(number, has, new RequestWindow(limits, 0), siblings)
  peer.isChoking = false
  parts.scheduler.add(peer)
  return peer
}

/** The peer answers requests, each in one part. */
export function answer(
  parts: SwarmParts,
  peer: DownloadPeer,
  requests: readonly BlockRequest[],
  nowMs: number,
): void {
  for (const request of requests) {
    const start = parts.geometry.pieceOffset(request.index as PieceIndex) + request.begin
    const bytes = Uint8Array.from(payloadBytes(start, request.length))
    parts.scheduler.accept(peer, { type: 'block', ...request, offset: 0, bytes }, nowMs)
  }
}
