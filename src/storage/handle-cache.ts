/**
 * Open files of all torrents of a client, at most `limit` at once; those idle longest are closed first.
 *
 * Files are lent in groups. A group is admitted whole or waits whole, first come first served: nobody holds
 * some files while waiting for others, so that borrowers cannot block each other. A file that is lent is
 * never closed, and no file is opened twice at once. The waiting are bounded by the calls that the torrents
 * have under way.
 */
import type { FileHandle } from 'node:fs/promises'
import { LIMITS } from '../config.js'
import { OptionError } from '../core/errors.js'

/** A file that can be opened. The object itself is its key in the cache. */
export interface Openable {
  readonly path: string
  open(): Promise<FileHandle>
  /** It could not be closed, which can be when a network file system owns up to a full disk. */
  noteTrouble(error: unknown): void
}

export interface Lease {
  /** One for each file, in the order asked. */
  readonly handles: readonly FileHandle[]
  /** To be called exactly once. */
  release(): void
}

interface Entry {
  readonly file: Openable
  readonly opening: Promise<FileHandle>
  borrowers: number
}

interface Waiting {
  readonly files: readonly Openable[]
  readonly admit: (entries: readonly Entry[]) => void
}

export class HandleCache {
  /**
   * The most files that one lease may name: a quarter of the limit, so that several leases fit side by side.
   */
  readonly filesPerLease: number
  /** Those lent last come last. */
  readonly #entries = new Map<Openable, Entry>()
  readonly #waiting: Waiting[] = []
  readonly #closing = new Set<Promise<void>>()
  #lentCount = 0
  #closed = false

  constructor(readonly limit: number = LIMITS.openFiles) {
    this.filesPerLease = Math.max(1, limit >> 2)
  }

  /**
   * Lends files, each named once, at most `filesPerLease`. Rejects with what their `open` rejects with, and
   * with `OptionError` CLOSED after `close()`.
   */
  async lease(files: readonly Openable[]): Promise<Lease> {
    if (this.#closed) throw new OptionError('CLOSED', 'the file handles are closed')
    const entries =
      this.#waiting.length === 0 && this.#fits(files) ? this.#take(files) : await this.#turn(files)
    const release = (): void => this.#giveBack(entries)
    try {
      return { handles: await allOpened(entries), release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** Closes the files that match and are not lent, and waits for all closing under way. */
  async discard(matches: (file: Openable) => boolean): Promise<void> {
    for (const entry of [...this.#entries.values()]) {
      if (entry.borrowers === 0 && matches(entry.file)) void this.#evict(entry)
    }
    await Promise.all(this.#closing)
  }

  /** Lends nothing any more and closes everything; what is lent is closed when it comes back. */
  async close(): Promise<void> {
    this.#closed = true
    await this.discard(() => true)
  }

  #turn(files: readonly Openable[]): Promise<readonly Entry[]> {
    return new Promise((admit) => this.#waiting.push({ files, admit }))
  }

  #fits(files: readonly Openable[]): boolean {
    let newlyLent = 0
    for (const file of files) if (!this.#entries.get(file)?.borrowers) newlyLent++
    return this.#lentCount + newlyLent <= this.limit
  }

  #take(files: readonly Openable[]): readonly Entry[] {
    // First those that are open, lest making room for the others closes them.
    for (const file of files) {
      const entry = this.#entries.get(file)
      if (entry !== undefined) this.#lend(entry)
    }
    return files.map((file) => this.#entries.get(file) ?? this.#lend(this.#open(file)))
  }

  /** Lends it once more and makes it the one lent last. */
  #lend(entry: Entry): Entry {
    if (entry.borrowers === 0) this.#lentCount++
    entry.borrowers++
    this.#entries.delete(entry.file)
    this.#entries.set(entry.file, entry)
    return entry
  }

  #open(file: Openable): Entry {
    const room = this.#makeRoom()
    const entry: Entry = { file, opening: room.then(() => file.open()), borrowers: 0 }
    entry.opening.catch(() => {
      if (this.#entries.get(file) === entry) this.#entries.delete(file)
    })
    return entry
  }

  /** Resolves when one more file may be opened. */
  async #makeRoom(): Promise<void> {
    if (this.#entries.size < this.limit) return
    for (const entry of this.#entries.values()) {
      if (entry.borrowers === 0) return await this.#evict(entry)
    }
  }

  #giveBack(entries: readonly Entry[]): void {
    for (const entry of entries) {
      entry.borrowers--
      if (entry.borrowers > 0) continue
      this.#lentCount--
      if (this.#closed) void this.#evict(entry)
    }
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.files); next = this.#waiting[0]) {
      this.#waiting.shift()
      next.admit(this.#take(next.files))
    }
  }

  /** Never rejects: trouble with closing is told to the file's owner. */
  #evict(entry: Entry): Promise<void> {
    const { file, opening } = entry
    if (this.#entries.get(file) === entry) this.#entries.delete(file)
    const closing = opening
      .then(
        (handle) => handle.close(),
        // It never opened, and whoever wanted it has been told.
        () => {},
      )
      .catch((error: unknown) => file.noteTrouble(error))
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
    return closing
  }
}

async function allOpened(entries: readonly Entry[]): Promise<readonly FileHandle[]> {
  return await Promise.all(entries.map((entry) => entry.opening))
}
