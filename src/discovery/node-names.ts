/**
 * The addresses behind the names of DHT nodes. Name servers are asked directly, because the system's own look-up cannot
 * be called off and would hold up our end; it comes second, for names that only this machine knows.
 */
import { Resolver } from 'node:dns/promises'
import { LIMITS } from '../config.js'
import { lookUp } from '../net/look-up.js'
import type { Namer } from './dht-greeter.js'

/** Where no name server answers, the system would wait for it as well. */
const SILENT: ReadonlySet<string | undefined> = new Set(['ETIMEOUT', 'ECANCELLED'])

export class NodeNames {
  readonly #resolver = new Resolver({ timeout: LIMITS.dhtAnswerMs, tries: 2 })

  /** IPv4 only. Rejects when the name has none, or is one of this machine's that a stranger gives. */
  async resolve(name: string, namer: Namer): Promise<readonly string[]> {
    try {
      return await this.#resolver.resolve4(name)
    } catch (error) {
      if (namer === 'stranger' || SILENT.has((error as NodeJS.ErrnoException).code)) throw error
      const found = await lookUp(name, { family: 4, mayBePrivate: true })
      return found.map(({ address }) => address)
    }
  }

  /** Ends what is under way. */
  cancel(): void {
    this.#resolver.cancel()
  }
}
