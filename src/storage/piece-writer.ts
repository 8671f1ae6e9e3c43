/**
 * Puts pieces on disk through the pool: one task for a whole buffer when it goes to few files, which is
 * nearly always; otherwise one to hash and then one for each group of files, so that a piece of ten thousand
 * tiny files needs no more open handles than any other.
 */
import type { PieceIndex } from '../core/geometry.js'
import { storageError } from './disk-errors.js'
import type { DiskSpan, FileMap } from './file-map.js'
import type { HandleCache } from './handle-cache.js'
import type { PiecePool } from './piece-pool.js'
import type { BufferedPart, BufferedPiece, StoredPieces } from './piece-store.js'
import type { DiskFailure, StoreAnswer } from './piece-tasks.js'
import { hashesOf } from './stored-metainfo.js'
import { WriteBack } from './write-back.js'
import { WritePlan } from './write-plan.js'

/** A part of a buffer and where it belongs. */
interface Stretch {
  /** In the buffer, in bytes. */
  readonly offset: number
  readonly spans: readonly DiskSpan[]
}

interface PlacedPiece extends Stretch {
  readonly index: PieceIndex
  /** In bytes. */
  readonly length: number
}

export class PieceWriter {
  readonly #writeBack: WriteBack

  constructor(
    readonly map: FileMap,
    readonly pool: PiecePool,
    readonly handles: HandleCache,
  ) {
    this.#writeBack = new WriteBack(handles)
  }

  /** See `PieceStore.storePieces`. */
  async store(buffer: ArrayBuffer, pieces: readonly BufferedPiece[]): Promise<StoredPieces> {
    const placed = pieces.map((piece) => this.#place(piece))
    const plan = new WritePlan(this.handles.filesPerLease)
    const fits = placed.every((piece) => addAll(plan, piece))
    const answer = fits
      ? await this.#storeAtOnce(buffer, placed, plan)
      : await this.#hashThenWrite(buffer, placed)
    const corrupt = new Set(answer.corrupt)
    return {
      buffer: answer.buffer,
      verdicts: pieces.map((_, place) => (corrupt.has(place) ? 'corrupt' : 'stored')),
    }
  }

  /** See `PieceStore.writePart`. */
  async writePart(buffer: ArrayBuffer, { index, begin, offset, length }: BufferedPart): Promise<ArrayBuffer> {
    const spans = this.map.spans(this.map.metainfo.geometry.pieceOffset(index) + begin, length)
    return await this.#writeInGroups(buffer, [{ spans, offset }])
  }

  /** To be called when nothing is being written: resolves when no file is in use any more. */
  settled(): Promise<void> {
    return this.#writeBack.settled()
  }

  #place({ index, offset }: BufferedPiece): PlacedPiece {
    const length = this.map.metainfo.geometry.pieceBytes(index)
    return { index, offset, length, spans: this.map.pieceSpans(index) }
  }

  async #storeAtOnce(
    buffer: ArrayBuffer,
    pieces: readonly PlacedPiece[],
    plan: WritePlan,
  ): Promise<StoreAnswer> {
    return await this.#withFiles(plan, (spans) =>
      this.pool.run('storePieces', {
        buffer,
        hashes: this.#hashes(pieces),
        pieces: pieces.flatMap((piece) => [piece.offset, piece.length, countWritten(piece.spans)]),
        spans,
      }),
    )
  }

  async #hashThenWrite(buffer: ArrayBuffer, pieces: readonly PlacedPiece[]): Promise<StoreAnswer> {
    const answer = await this.pool.run('storePieces', {
      buffer,
      hashes: this.#hashes(pieces),
      pieces: pieces.flatMap((piece) => [piece.offset, piece.length, 0]),
      spans: [],
    })
    const right = pieces.filter((_, place) => !answer.corrupt.includes(place))
    return { ...answer, buffer: await this.#writeInGroups(answer.buffer, right) }
  }

  async #writeInGroups(buffer: ArrayBuffer, stretches: readonly Stretch[]): Promise<ArrayBuffer> {
    let held = buffer
    for (const plan of groupsOfFiles(stretches, this.handles.filesPerLease)) {
      const answer = await this.#withFiles(plan, (spans) =>
        this.pool.run('writeSpans', { buffer: held, spans }),
      )
      held = answer.buffer
    }
    return held
  }

  /** Borrows the plan's files while the task runs. Throws `StorageError` when the disk refused. */
  async #withFiles<Answer extends { readonly failure: DiskFailure | undefined }>(
    plan: WritePlan,
    runTask: (spans: readonly number[]) => Promise<Answer>,
  ): Promise<Answer> {
    // What was written before may be lost: more of it would only show that later.
    for (const file of plan.files) file.throwIfTroubled()
    const lease = await this.handles.lease(plan.files)
    try {
      const answer = await runTask(plan.bind(lease.handles))
      const { failure } = answer
      if (failure === undefined) {
        for (const [at, file] of plan.files.entries()) this.#writeBack.noteWritten(file, plan.fileBytes[at]!)
        return answer
      }
      const place = lease.handles.findIndex((handle) => handle.fd === failure.subject)
      throw storageError(failure, plan.files[place]?.path ?? this.map.folder.path)
    } finally {
      for (const file of plan.files) file.noteWriting()
      lease.release()
    }
  }

  #hashes(pieces: readonly PlacedPiece[]): Uint8Array {
    return hashesOf(
      this.map.metainfo,
      pieces.map((piece) => piece.index),
    )
  }
}

/** Cuts writes into plans that each go to as many files as may be open for one task. */
function* groupsOfFiles(stretches: readonly Stretch[], maxFiles: number): Generator<WritePlan> {
  let plan = new WritePlan(maxFiles)
  for (const { spans, offset } of stretches) {
    for (const span of spans) {
      if (plan.add(span, offset + span.stretchOffset)) continue
      yield plan
      plan = new WritePlan(maxFiles)
      plan.add(span, offset + span.stretchOffset)
    }
  }
  if (plan.files.length > 0) yield plan
}

function addAll(plan: WritePlan, { spans, offset }: Stretch): boolean {
  return spans.every((span) => plan.add(span, offset + span.stretchOffset))
}

/** Spans that are written; padding is not. */
function countWritten(spans: readonly DiskSpan[]): number {
  let count = 0
  for (const span of spans) if (span.file !== undefined) count++
  return count
}
