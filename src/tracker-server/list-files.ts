/**
 * The files behind the lists of torrents. Each is looked at every few seconds and read again when it
 * changed, which also sees editors that replace a file and folders that come over the network; and at once
 * when asked. A list that cannot be read leaves the last good one in force.
 */
import { readFile, stat } from 'node:fs/promises'
import { OptionError } from '../core/errors.js'
import { parseInfoHashes, type TorrentLists } from './torrent-lists.js'

/** 41 bytes a line: over a million torrents. */
const MAX_LIST_BYTES = 64 * 1024 * 1024

type ListName = 'allowed' | 'denied'

export class ListFiles {
  readonly #lists: TorrentLists
  readonly #paths: readonly (readonly [ListName, string])[]
  /** What each file looked like when it was last read. */
  readonly #seen = new Map<ListName, string>()
  #reading: Promise<void> = Promise.resolve()

  constructor(lists: TorrentLists, paths: { readonly [Name in ListName]?: string | undefined }) {
    this.#lists = lists
    const names: readonly ListName[] = ['allowed', 'denied']
    this.#paths = names.flatMap((name) => (paths[name] === undefined ? [] : [[name, paths[name]] as const]))
  }

  /** Reads what changed, or everything. Rejects with OptionError `BAD_OPTION` at the first that is bad. */
  read(manner: { readonly all: boolean }): Promise<void> {
    const reading = this.#reading.catch(() => {}).then(() => this.#readAll(manner.all))
    this.#reading = reading
    return reading
  }

  async #readAll(all: boolean): Promise<void> {
    for (const [name, path] of this.#paths) await this.#readOne(name, path, all)
  }

  async #readOne(name: ListName, path: string, always: boolean): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(path)
      const look = `${mtimeMs} ${size} ${ino}`
      if (!always && this.#seen.get(name) === look) return
      // Noted first: a bad list is complained about once, not every few seconds.
      this.#seen.set(name, look)
      if (size > MAX_LIST_BYTES) throw new OptionError('BAD_OPTION', `it has ${size} bytes`)
      this.#lists[name] = parseInfoHashes(await readFile(path, 'utf8'))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new OptionError('BAD_OPTION', `the list of ${name} torrents, ${path}: ${why}`, { cause: error })
    }
  }
}
