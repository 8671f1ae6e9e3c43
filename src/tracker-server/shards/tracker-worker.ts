/**
 * A worker of a tracker, as a process of its own: it keeps its share of the swarms, and answers on the sockets of the
 * first process.
 */
import type { Socket as DatagramSocket } from 'node:dgram'
import { type Server, Socket } from 'node:net'
import { systemClock } from '../../core/clock.js'
import type { Eventual } from '../eventual.js'
import { snapshotEntries } from '../snapshot.js'
import { StateFile } from '../state-file.js'
import { type CheckedOptions, checkTrackerOptions } from '../tracker-options.js'
import { TrackerSockets } from '../tracker-sockets.js'
import { Upkeep } from '../upkeep.js'
import { WriteToken } from '../write-token.js'
import { relayPages } from './page-relay.js'
import { Shard } from './shard.js'
import type { Verb } from './verbs.js'
import { POST_DESCRIPTOR, type Setup } from './worker-messages.js'

export class TrackerWorker {
  readonly #options: CheckedOptions
  readonly #catalogued: Set<string>
  readonly #shard: Shard
  readonly #sockets: TrackerSockets
  #upkeep: Upkeep | undefined
  #entries: Iterator<Buffer, void> | undefined

  constructor({ own, options, secrets, nowMs, catalogued }: Setup) {
    this.#options = checkTrackerOptions(options)
    this.#catalogued = new Set(catalogued)
    const aheadMs = nowMs - systemClock.now()
    this.#shard = new Shard(this.#options, {
      own,
      secrets,
      nowSeconds: () => Math.floor((systemClock.now() + aheadMs) / 1000),
      isCatalogued: (infoHash) => this.#catalogued.has(infoHash),
      serve: (verb, body) => this.#serve(verb, body),
    })
    const { post, http } = this.#shard
    const { proxies, writeToken } = this.#options
    const pages = relayPages(post, writeToken === undefined ? undefined : new WriteToken(writeToken))
    this.#sockets = new TrackerSockets({
      http: { desk: http, proxies, pages },
      udp: (front) => this.#shard.udp(front),
    })
  }

  /**
   * Rejects when a list or the state cannot be read. Post waits until then: a snapshot of what was read so far would
   * replace a whole one, and lists that were not read deny nothing.
   */
  async load(): Promise<void> {
    const { parts, map, post } = this.#shard
    const { stateFile } = this.#options
    await parts.lists.read({ all: true })
    if (stateFile !== undefined) {
      await new StateFile(stateFile).restore(parts.registry, parts.times(), (infoHash) => map.owns(infoHash))
    }
    post.attach(0, new Socket({ fd: POST_DESCRIPTOR, readable: true, writable: true }))
  }

  async add(socket: Server | DatagramSocket): Promise<void> {
    await this.#sockets.add(socket)
  }

  serve(): void {
    const { parts, post } = this.#shard
    this.#shard.attach(this.#sockets.udpFronts)
    this.#upkeep = new Upkeep({
      ...parts,
      chores: [
        { everySeconds: 1, run: () => post.tick() },
        { everySeconds: 2, run: () => parts.lists.read({ all: false }) },
      ],
      // The first process reads the same lists, and tells of them.
      onNotice: () => {},
    })
  }

  #serve(verb: Verb, body: Buffer): Eventual<Uint8Array> {
    switch (verb) {
      case 'stats':
        return Buffer.from(JSON.stringify(this.#shard.parts.stats()))
      case 'reload':
        return this.#shard.parts.lists.read({ all: true }).then(() => NOTHING)
      case 'catalogued':
        return this.#noteCatalogued(body)
      case 'pause':
        return this.#pause()
      case 'snapshot':
        return this.#nextEntries(body[0] === 1)
      default:
        throw new Error(`a worker does not know how to ${verb}`)
    }
  }

  /** A byte that says whether it came or left, then the info hash. */
  #noteCatalogued(body: Buffer): Uint8Array {
    const infoHash = body.toString('hex', 1)
    if (body[0] === 1) this.#catalogued.add(infoHash)
    else this.#catalogued.delete(infoHash)
    return NOTHING
  }

  async #pause(): Promise<Uint8Array> {
    this.#upkeep?.stop()
    await this.#sockets.close()
    return NOTHING
  }

  #nextEntries(isFirst: boolean): Uint8Array {
    const { registry, nowSeconds } = this.#shard.parts
    if (isFirst || this.#entries === undefined) this.#entries = snapshotEntries(registry, nowSeconds())
    for (;;) {
      const next = this.#entries.next()
      if (next.done === true) return NOTHING
      if (next.value.length > 0) return next.value
    }
  }
}

const NOTHING = new Uint8Array(0)
