/** Keeps the registry's snapshot in a file, saved between other work and replaced as a whole. */
import { readFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { replaceFile } from './atomic-file.js'
import { makeSnapshot, restoreSnapshot, type SnapshotTimes } from './snapshot.js'
import type { SwarmRegistry } from './swarm-registry.js'

export type Restored = 'restored' | 'nothing there' | 'damaged'

export class StateFile {
  readonly #path: string
  readonly #registry: SwarmRegistry
  #saving: Promise<void> = Promise.resolve()

  constructor(path: string, registry: SwarmRegistry) {
    this.#path = path
    this.#registry = registry
  }

  /** A file that is damaged or of another version is as good as none. Rejects when it cannot be read. */
  async restore(times: SnapshotTimes): Promise<Restored> {
    try {
      const bytes = await readFile(this.#path)
      return restoreSnapshot(bytes, this.#registry, times) ? 'restored' : 'damaged'
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing there'
      throw error
    }
  }

  /** One after another. Rejects with the system's error. */
  save(times: SnapshotTimes): Promise<void> {
    const saving = this.#saving.catch(() => {}).then(() => this.#save(times))
    this.#saving = saving
    return saving
  }

  async #save(times: SnapshotTimes): Promise<void> {
    await replaceFile(this.#path, async (file) => {
      for (const batch of makeSnapshot(this.#registry, times)) {
        await file.writeFile(batch)
        await setImmediate()
      }
    })
  }
}
