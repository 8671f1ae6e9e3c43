/** Reads that go to the worker as one task. */
import type { PieceIndex } from '../core/geometry.js'
import type { DiskSpan, FileMap } from './file-map.js'
import { type HashTask, READ_FIELDS, ZEROS } from './piece-tasks.js'
import { hashesOf } from './stored-metainfo.js'

export class HashPlan {
  readonly pieces: PieceIndex[] = []
  #bytes = 0
  readonly #paths: string[] = []
  readonly #spans: number[] = []
  readonly #spanCounts: number[] = []

  constructor(readonly map: FileMap) {}

  /** Bytes to hash. */
  get bytes(): number {
    return this.#bytes
  }

  /** True when it is time for the next plan. */
  get isFull(): boolean {
    return this.#bytes >= TASK_BYTES || this.#spans.length >= TASK_SPANS * READ_FIELDS
  }

  add(index: PieceIndex): void {
    const spans = this.map.pieceSpans(index)
    this.pieces.push(index)
    this.#spanCounts.push(spans.length)
    this.#bytes += this.map.metainfo.geometry.pieceBytes(index)
    for (const span of spans) this.#spans.push(this.#pathOf(span), span.position, span.length)
  }

  task(): HashTask {
    return {
      paths: this.#paths,
      hashes: hashesOf(this.map.metainfo, this.pieces),
      spanCounts: this.#spanCounts,
      spans: this.#spans,
    }
  }

  /** Reading goes in order, so that only the last path can come again. */
  #pathOf({ file }: DiskSpan): number {
    if (file === undefined) return ZEROS
    if (this.#paths.at(-1) !== file.path) this.#paths.push(file.path)
    return this.#paths.length - 1
  }
}

/**
 * Some milliseconds of hashing: long against the way to the worker and back, short for whoever waits to stop.
 */
const TASK_BYTES = 4 * 1024 * 1024
const TASK_SPANS = 1024
