/**
 * The bytes that demo and benchmarks move: random, so that nothing on the way can compress or merge them, and
 * spread over one file or several.
 */
import { randomFillSync } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface PayloadFile {
  /** Where it lies on this machine. */
  readonly location: string
  /** In bytes. */
  readonly length: number
}

const STRIDE_BYTES = 1_048_576

/** Fills a new file with random bytes, at about the speed of the disk. */
export function writeRandomFile(location: string, length: number): PayloadFile {
  mkdirSync(dirname(location), { recursive: true })
  const fd = openSync(location, 'w')
  const stride = Buffer.allocUnsafe(STRIDE_BYTES)
  try {
    for (let written = 0; written < length; ) {
      randomFillSync(stride)
      written += writeSync(fd, stride, 0, Math.min(STRIDE_BYTES, length - written))
    }
  } finally {
    closeSync(fd)
  }
  return { location, length }
}

/** Shares the bytes out over `fileCount` files of odd sizes below `folder`, some of them in sub-folders. */
export function writeRandomFolder(folder: string, totalBytes: number, fileCount: number): PayloadFile[] {
  let left = totalBytes
  return Array.from({ length: fileCount }, (_, i) => {
    const isLast = i === fileCount - 1
    const length = isLast
      ? left
      : Math.min(left, Math.floor((totalBytes / fileCount) * (0.5 + (i % 3) / 2)) | 1)
    left -= length
    const name = `part-${String(i).padStart(4, '0')}.bin`
    return writeRandomFile(join(folder, ...(i % 2 === 0 ? [name] : [`folder-${i % 5}`, name])), length)
  })
}

/** Reads the files as one run of bytes, laid end to end in the order given. */
export class PayloadReader {
  readonly totalBytes: number
  readonly #parts: readonly { readonly fd: number; readonly start: number; readonly end: number }[]

  constructor(locations: readonly string[]) {
    let end = 0
    this.#parts = locations.map((location) => {
      const fd = openSync(location, 'r')
      const start = end
      end += fstatSync(fd).size
      return { fd, start, end }
    })
    this.totalBytes = end
  }

  /** Fills `length` bytes of the target at `at`. Throws when the payload has fewer. */
  read(offset: number, target: Uint8Array, at: number, length: number): void {
    for (const part of this.#parts) {
      if (length === 0) return
      if (part.end <= offset) continue
      const wanted = Math.min(length, part.end - offset)
      if (readSync(part.fd, target, at, wanted, offset - part.start) !== wanted)
        throw new Error('short payload')
      offset += wanted
      at += wanted
      length -= wanted
    }
    if (length > 0) throw new Error('short payload')
  }

  close(): void {
    for (const { fd } of this.#parts) closeSync(fd)
  }
}
