/** Keeps a snapshot of the tracker in a file, saved between other work and replaced as a whole. */
import { readFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { replaceFile } from './atomic-file.js'
import { type OwnsInfoHash, restoreSnapshot, SnapshotSeal, type SnapshotTimes } from './snapshot.js'
import type { SwarmRegistry } from './swarm-registry.js'

export type Restored = 'restored' | 'nothing there' | 'damaged'

export class StateFile {
  readonly #path: string
  #saving: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** A file that is damaged or of another version is as good as none. Rejects when it cannot be read. */
  async restore(registry: SwarmRegistry, times: SnapshotTimes, owns?: OwnsInfoHash): Promise<Restored> {
    try {
      const bytes = await readFile(this.#path)
      return restoreSnapshot(bytes, registry, times, owns) ? 'restored' : 'damaged'
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing there'
      throw error
    }
  }

  /**
   * One after another; the entries are asked for when it is their turn. Rejects with the system's error or
   * that of the entries.
   */
  save(unixSeconds: () => number, entries: () => SnapshotEntries): Promise<void> {
    const saving = this.#saving.catch(() => {}).then(() => this.#save(unixSeconds(), entries()))
    this.#saving = saving
    return saving
  }

  async #save(unixSeconds: number, entries: SnapshotEntries): Promise<void> {
    await replaceFile(this.#path, async (file) => {
      const seal = new SnapshotSeal(unixSeconds)
      await file.writeFile(seal.head)
      for await (const batch of entries) {
        await file.writeFile(seal.add(batch))
        await setImmediate()
      }
      await file.writeFile(seal.end())
    })
  }
}

/** In batches. */
export type SnapshotEntries = Iterable<Buffer> | AsyncIterable<Buffer>
