/** Writes that go to the worker as one task, put together before their files are open. */
import type { FileHandle } from 'node:fs/promises'
import type { DiskSpan } from './file-map.js'
import type { OutputFile } from './output-file.js'
import { WRITE_FIELDS } from './piece-tasks.js'

export class WritePlan {
  /** Different files, in the order of their first span. */
  readonly files: OutputFile[] = []
  /** For each of them, what is written to it. */
  readonly fileBytes: number[] = []
  /** Like the spans of a task, with the place in `files` for the descriptor. */
  readonly #spans: number[] = []

  constructor(readonly maxFiles: number) {}

  /** False, and nothing added, when that would be one file too many. Padding is not written. */
  add(span: DiskSpan, bufferOffset: number): boolean {
    if (span.file === undefined) return true
    let place = this.files.lastIndexOf(span.file)
    if (place < 0) {
      if (this.files.length === this.maxFiles) return false
      place = this.files.push(span.file) - 1
      this.fileBytes.push(0)
    }
    this.fileBytes[place]! += span.length
    this.#spans.push(place, span.position, bufferOffset, span.length)
    return true
  }

  /** The spans for the task, now that `files` are open. */
  bind(handles: readonly FileHandle[]): number[] {
    for (let at = 0; at < this.#spans.length; at += WRITE_FIELDS) {
      const file = this.files[this.#spans[at]!]!
      file.noteWriting()
      this.#spans[at] = handles[this.#spans[at]!]!.fd
    }
    return this.#spans
  }
}
