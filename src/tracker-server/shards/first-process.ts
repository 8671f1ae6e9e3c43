/** The first of several processes of a tracker: it has the sockets, and a crew that shares its work. */

import { systemClock } from '../../core/clock.js'
import { OptionError } from '../../core/errors.js'
import type { DatagramDesk } from '../datagram-desk.js'
import type { HttpTracker } from '../http-tracker.js'
import type { Pages } from '../page-request.js'
import { snapshotEntries } from '../snapshot.js'
import type { CheckedOptions, TrackerServerOptions } from '../tracker-options.js'
import { clockSeconds, secretKey, type TrackerParts } from '../tracker-parts.js'
import type { TrackerSockets } from '../tracker-sockets.js'
import type { TrackerStaff } from '../tracker-staff.js'
import type { ShardStats } from '../tracker-stats.js'
import { Crew } from './crew.js'
import { servePageCall } from './page-relay.js'
import { Shard, type SharedSecrets } from './shard.js'

export interface FirstProcessParts {
  /** As they were given, for the others. */
  readonly given: TrackerServerOptions
  readonly options: CheckedOptions
  readonly isCatalogued: (infoHashHex: string) => boolean
  /** All info hashes in hex. */
  readonly catalogued: () => readonly string[]
  /** Workers die again and again. */
  readonly onFailure: (why: string) => void
}

/** From start to end, so that a worker that hangs holds up neither: calls are given up by ticks. */
const TICK_MS = 1_000

export class FirstProcess implements TrackerStaff {
  readonly parts: TrackerParts
  readonly http: HttpTracker
  readonly owns: (infoHash: Uint8Array) => boolean
  readonly #shard: Shard
  readonly #crew: Crew
  #pages: Pages | undefined
  #ticking: NodeJS.Timeout | undefined

  constructor({ given, options, isCatalogued, catalogued, onFailure }: FirstProcessParts) {
    const secrets: SharedSecrets = { connectionKey: secretKey(), shardKey: secretKey() }
    this.#shard = new Shard(options, {
      own: 0,
      secrets,
      nowSeconds: clockSeconds,
      isCatalogued,
      serve: (verb, body) => {
        if (verb !== 'page' || this.#pages === undefined) throw new Error(`the first process has no ${verb}`)
        return servePageCall(this.#pages, body)
      },
    })
    const { parts, http, post, map } = this.#shard
    this.parts = parts
    this.http = http
    this.owns = (infoHash) => map.owns(infoHash)
    const { onNotice, ...plain } = given
    this.#crew = new Crew({
      post,
      workers: options.workers,
      setupOf: (own) => {
        const nowMs = systemClock.now()
        return { kind: 'setup', own, options: plain, secrets, nowMs, catalogued: catalogued() }
      },
      onNotice: options.onNotice,
      onFailure,
    })
  }

  udp(front: number): DatagramDesk {
    return this.#shard.udp(front)
  }

  async start(pages: Pages): Promise<void> {
    this.#pages = pages
    this.#ticking = setInterval(() => this.#shard.post.tick(), TICK_MS)
    try {
      await this.#crew.start()
    } catch (error) {
      throw new OptionError('BAD_OPTION', `a worker: ${(error as Error).message}`, { cause: error })
    }
  }

  async share(sockets: TrackerSockets): Promise<void> {
    this.#shard.attach(sockets.udpFronts)
    await this.#crew.share(sockets.servers)
  }

  async stats(): Promise<ShardStats[]> {
    return [...(await this.#crew.stats()), this.parts.stats()]
  }

  async *entries(): AsyncGenerator<Buffer, void> {
    yield* snapshotEntries(this.parts.registry, this.parts.nowSeconds())
    yield* this.#crew.entries()
  }

  async reloadLists(): Promise<void> {
    await this.parts.lists.read({ all: true })
    await this.#crew.ask('reload')
  }

  async noteCatalogued(infoHash: Uint8Array, isThere: boolean): Promise<void> {
    const change = Buffer.concat([Buffer.of(isThere ? 1 : 0), infoHash])
    // A worker that is not there yet begins with the catalogue as it is then.
    await this.#crew.ask('catalogued', change).catch(() => {})
  }

  async pause(): Promise<void> {
    await this.#crew.ask('pause')
  }

  async end(): Promise<void> {
    await this.#crew.end()
    clearInterval(this.#ticking)
  }
}
