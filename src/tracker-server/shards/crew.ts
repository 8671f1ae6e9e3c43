/**
 * The workers of a tracker beside the first process. One that dies is replaced at once and takes up the last
 * saved state of its share; the others go on meanwhile. Workers that die again and again end the tracker:
 * then something is wrong that starting again as a whole may cure, and that whoever watches the process
 * should see.
 */
import type { SendHandle } from 'node:child_process'
import { systemClock } from '../../core/clock.js'
import { type ShardStats, sumOfShards, type TableStats } from '../tracker-stats.js'
import type { ShardPost } from './shard-post.js'
import type { Verb } from './verbs.js'
import type { Setup } from './worker-messages.js'
import { WorkerProcess } from './worker-process.js'

export interface CrewParts {
  readonly post: ShardPost
  /** How many there are, the first process included. */
  readonly workers: number
  readonly setupOf: (own: number) => Setup
  readonly onNotice: (text: string) => void
  /** Too many died. */
  readonly onFailure: (why: string) => void
}

/** Within this time so many may die. */
const MAX_DEATHS = 5
const DEATHS_WITHIN_MS = 60_000

export class Crew {
  readonly #parts: CrewParts
  readonly #processes = new Map<number, WorkerProcess>()
  readonly #sockets: SendHandle[] = []
  /** What each told last. */
  readonly #lastStats = new Map<number, ShardStats>()
  /** What those counted that died: counters never go back. */
  #past: ShardStats[] = []
  #deathsMs: number[] = []
  #isServing = false

  constructor(parts: CrewParts) {
    this.#parts = parts
  }

  /** Resolves when all have read what they need. Rejects when one cannot; none is left then. */
  async start(): Promise<void> {
    const shards = Array.from({ length: this.#parts.workers - 1 }, (_, at) => at + 1)
    try {
      await Promise.all(shards.map((shard) => this.#start(shard)))
    } catch (error) {
      await this.end()
      throw error
    }
  }

  /** Has all of them answer on these sockets. Rejects when one is missing: only from here on they are replaced. */
  async share(sockets: readonly SendHandle[]): Promise<void> {
    this.#sockets.push(...sockets)
    await Promise.all([...this.#processes.values()].map((worker) => worker.share(sockets)))
    if (this.#processes.size < this.#parts.workers - 1)
      throw new Error('a worker ended while the tracker began')
    this.#isServing = true
  }

  /** Asks all of them. Rejects when one does not answer. */
  async ask(verb: Verb, body?: Uint8Array): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((shard) => this.#parts.post.call(shard, verb, body)))
  }

  /** Of each; of one that does not answer, what it told last. */
  async stats(): Promise<ShardStats[]> {
    const asked = [...this.#processes.keys()].map(async (shard) => {
      try {
        const answer = await this.#parts.post.call(shard, 'stats')
        this.#lastStats.set(shard, JSON.parse(answer.toString()) as ShardStats)
      } catch {
        // It is starting, or about to end.
      }
    })
    await Promise.all(asked)
    return [...this.#lastStats.values(), ...this.#past]
  }

  /** Their parts of a snapshot. Rejects when one is not there: half a state is not to replace a whole one. */
  async *entries(): AsyncGenerator<Buffer, void> {
    for (let shard = 1; shard < this.#parts.workers; shard++) {
      for (let isFirst = true; ; isFirst = false) {
        const batch = await this.#parts.post.call(shard, 'snapshot', Buffer.of(isFirst ? 1 : 0))
        if (batch.length === 0) break
        yield batch
      }
    }
  }

  async end(): Promise<void> {
    this.#isServing = false
    const workers = [...this.#processes.values()]
    this.#processes.clear()
    await Promise.all(workers.map((worker) => worker.end()))
    this.#parts.post.close()
  }

  async #start(shard: number): Promise<void> {
    const worker = new WorkerProcess()
    this.#processes.set(shard, worker)
    this.#parts.post.attach(shard, worker.stream)
    void worker.ended.then((why) => this.#outlive(shard, why))
    await worker.setUp(this.#parts.setupOf(shard))
  }

  #outlive(shard: number, why: string): void {
    this.#parts.post.detach(shard)
    this.#processes.delete(shard)
    this.#keepCounters(shard)
    if (!this.#isServing) return
    const nowMs = systemClock.now()
    this.#deathsMs = [...this.#deathsMs.filter((atMs) => nowMs - atMs < DEATHS_WITHIN_MS), nowMs]
    if (this.#deathsMs.length > MAX_DEATHS) return this.#parts.onFailure(`worker ${shard} ended: ${why}`)
    this.#parts.onNotice(`worker ${shard} ended (${why}): another takes its place, from the last saved state`)
    void this.#replace(shard)
  }

  async #replace(shard: number): Promise<void> {
    try {
      await this.#start(shard)
      await this.#processes.get(shard)?.share(this.#sockets)
    } catch (error) {
      this.#parts.onNotice(`worker ${shard} cannot start: ${(error as Error).message}`)
      this.#processes.get(shard)?.kill()
    }
  }

  #keepCounters(shard: number): void {
    const last = this.#lastStats.get(shard)
    if (last === undefined) return
    this.#lastStats.delete(shard)
    this.#past.push(countersOf(last))
    this.#past = [sumOfShards(this.#past)]
  }
}

/** Without what was in it. */
function countersOf({ http, udp, process }: ShardStats): ShardStats {
  return { tables: NO_TABLES, http, udp, process: { ...process, count: 0, residentBytes: 0 }, swarms: [] }
}

const NO_TABLES: TableStats = {
  swarmCount: 0,
  seedCount: 0,
  leecherCount: 0,
  ipv4PeerCount: 0,
  ipv6PeerCount: 0,
  tableBytes: 0,
}
