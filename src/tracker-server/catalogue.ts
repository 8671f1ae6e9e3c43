/**
 * The .torrent files that the tracker hands out: a folder of files, and an index of them in memory. Each
 * file went through the same parser as those of a download, and is replaced whole or not at all.
 *
 * Invariant: an info hash is there under one name only, and no two names are one file where case does not
 * count.
 */
import { mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../config.js'
import { replaceFile, syncFolder, UNFINISHED_SUFFIX } from './atomic-file.js'
import { type CatalogueEntry, fileNameOf, foldName, toEntry, toEntryName } from './catalogue-entry.js'

const MAX_TORRENTS = 10_000

export type PutOutcome = 'created' | 'replaced' | 'info hash is there under another name' | 'full'

export class Catalogue {
  /** Told of every torrent that comes or goes, before the change is over. */
  onChange: (infoHash: Uint8Array, isThere: boolean) => Promise<void> = async () => {}
  readonly #folder: string
  readonly #byName = new Map<string, CatalogueEntry>()
  readonly #byInfoHash = new Map<string, CatalogueEntry>()
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Makes the folder when there is none. Files that are no torrents are told of and left alone. */
  static async open(folder: string, onSkipped: (fileName: string, why: string) => void): Promise<Catalogue> {
    await mkdir(folder, { recursive: true })
    const catalogue = new Catalogue(folder)
    for (const file of await readdir(folder, { withFileTypes: true })) {
      if (!file.isFile() || file.name.endsWith(UNFINISHED_SUFFIX)) continue
      const why = await catalogue.#load(file.name)
      if (why !== undefined) onSkipped(file.name, why)
    }
    return catalogue
  }

  get count(): number {
    return this.#byName.size
  }

  entries(): Iterable<CatalogueEntry> {
    return this.#byName.values()
  }

  /** In hex. */
  infoHashes(): string[] {
    return [...this.#byInfoHash.keys()]
  }

  hasInfoHash(infoHashHex: string): boolean {
    return this.#byInfoHash.has(infoHashHex)
  }

  /** By info hash in hex, or by name. */
  find(key: string): CatalogueEntry | undefined {
    return this.#byInfoHash.get(key.toLowerCase()) ?? this.#byName.get(foldName(key))
  }

  /** The .torrent itself. Rejects with the system's error. */
  async read(entry: CatalogueEntry): Promise<Buffer> {
    return await readFile(this.#pathOf(entry))
  }

  /** Writes follow one another. Rejects with the system's error; the bytes must be those of the entry. */
  put(entry: CatalogueEntry, bytes: Uint8Array): Promise<PutOutcome> {
    return this.#afterOthers(async () => {
      const old = this.#byName.get(foldName(entry.name))
      const same = this.#byInfoHash.get(entry.infoHash)
      if (same !== undefined && same !== old) return 'info hash is there under another name'
      if (old === undefined && this.count >= MAX_TORRENTS) return 'full'
      const kept = { ...entry, name: old?.name ?? entry.name }
      await replaceFile(this.#pathOf(kept), (file) => file.writeFile(bytes))
      if (old !== undefined) await this.#forget(old)
      await this.#admit(kept)
      return old === undefined ? 'created' : 'replaced'
    })
  }

  /** Rejects with the system's error. */
  remove(entry: CatalogueEntry): Promise<void> {
    return this.#afterOthers(async () => {
      if (this.#byInfoHash.get(entry.infoHash) !== entry) return
      await unlink(this.#pathOf(entry)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
      await this.#forget(entry)
      await syncFolder(this.#folder)
    })
  }

  /** Why the file is not in the catalogue, if it is not. */
  async #load(fileName: string): Promise<string | undefined> {
    try {
      const name = toEntryName(encodeURIComponent(fileName))
      if (name === undefined || fileNameOf(name) !== fileName) return 'its name is not that of a .torrent'
      const { size } = await stat(join(this.#folder, fileName))
      if (size > LIMITS.torrentFileBytes) return 'it is too large'
      if (this.count >= MAX_TORRENTS) return `there are more than ${MAX_TORRENTS}`
      const entry = toEntry(name, await readFile(join(this.#folder, fileName)))
      if (this.find(entry.infoHash) ?? this.find(name)) return 'it is there already under another name'
      this.#remember(entry)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }

  #pathOf(entry: CatalogueEntry): string {
    return join(this.#folder, fileNameOf(entry.name))
  }

  #remember(entry: CatalogueEntry): void {
    this.#byName.set(foldName(entry.name), entry)
    this.#byInfoHash.set(entry.infoHash, entry)
  }

  async #admit(entry: CatalogueEntry): Promise<void> {
    this.#remember(entry)
    await this.onChange(entry.infoHashBytes, true)
  }

  async #forget(entry: CatalogueEntry): Promise<void> {
    this.#byName.delete(foldName(entry.name))
    this.#byInfoHash.delete(entry.infoHash)
    await this.onChange(entry.infoHashBytes, false)
  }

  #afterOthers<T>(write: () => Promise<T>): Promise<T> {
    const writing = this.#writing.catch(() => {}).then(write)
    this.#writing = writing
    return writing
  }
}
