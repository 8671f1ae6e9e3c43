/**
 * A tracker: HTTP and UDP on one port, a catalogue of .torrent files and pages beside it, in one process or in
 * several. It installs no handlers on the process, prints nothing, and keeps nothing open after `close()`.
 */
import { systemClock, unixSeconds } from '../core/clock.js'
import { OptionError } from '../core/errors.js'
import { Catalogue } from './catalogue.js'
import { CataloguePages } from './catalogue-pages.js'
import type { Pages } from './page-request.js'
import { RateHistory } from './rate-history.js'
import { StateFile } from './state-file.js'
import { type CheckedOptions, checkTrackerOptions, type TrackerServerOptions } from './tracker-options.js'
import { TrackerPages } from './tracker-pages.js'
import { TrackerSockets } from './tracker-sockets.js'
import { OneProcess, type TrackerStaff } from './tracker-staff.js'
import { sumOfShards, type TrackerStats } from './tracker-stats.js'
import { type Chore, Upkeep } from './upkeep.js'
import { WriteToken } from './write-token.js'

/** However often pages are asked for, the swarms are looked through no more often than this. */
const STATS_LIFE_MS = 500
const RATE_STEP_SECONDS = 10
/** An hour of them. */
const RATES_KEPT = 360
const SAVE_EVERY_SECONDS = 120
const READ_LISTS_EVERY_SECONDS = 2

export class TrackerServer {
  /**
   * Resolves when it was closed. Rejects when it closed by itself, because its workers die again and again. Nobody has
   * to wait for it.
   */
  readonly ended: Promise<void>
  readonly #options: CheckedOptions
  readonly #given: TrackerServerOptions
  readonly #state: StateFile | undefined
  readonly #history = new RateHistory(RATES_KEPT, systemClock.now())
  readonly #startedMs = systemClock.now()
  #settle = () => {}
  #failure: Error | undefined
  #staff: TrackerStaff | undefined
  #catalogue: Catalogue | undefined
  #sockets: TrackerSockets | undefined
  #upkeep: Upkeep | undefined
  #listening: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #recent: { readonly stats: Promise<TrackerStats>; readonly atMs: number } | undefined

  /** Throws OptionError `BAD_OPTION`. */
  constructor(options: TrackerServerOptions = {}) {
    this.#given = options
    this.#options = checkTrackerOptions(options)
    const { stateFile } = this.#options
    this.#state = stateFile === undefined ? undefined : new StateFile(stateFile)
    this.ended = new Promise((resolve, reject) => {
      this.#settle = () => (this.#failure === undefined ? resolve() : reject(this.#failure))
    })
    this.ended.catch(() => {})
  }

  /**
   * Begins to answer; once. Rejects with OptionError when it cannot: the port is taken, a list is bad, the
   * state or the catalogue cannot be read.
   */
  listen(): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(new OptionError('CLOSED', 'the tracker is closed'))
    this.#listening ??= this.#listen()
    return this.#listening
  }

  /** The port that it listens on; 0 before it does. */
  get port(): number {
    return this.#sockets?.port ?? 0
  }

  /** The addresses that it listens on, without `::` where there is no IPv6; none before it does. */
  get hosts(): readonly string[] {
    return this.#sockets?.hosts ?? []
  }

  /** Reads the lists of torrents again, now. Rejects with OptionError; the old lists stay in force then. */
  async reloadLists(): Promise<void> {
    await this.#staffed().reloadLists()
  }

  /** Stops answering, then saves the state. Rejects when that cannot be saved. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /** As it is now, in all processes. Rejects with OptionError `CLOSED` before it listens. */
  async stats(): Promise<TrackerStats> {
    const { tables, swarms, http, udp, process } = sumOfShards(await this.#staffed().stats())
    return {
      uptimeSeconds: (systemClock.now() - this.#startedMs) / 1000,
      ...tables,
      http,
      udp,
      process,
      catalogueCount: this.#catalogue?.count ?? 0,
      announceRates: this.#history.rates(),
      rateStepSeconds: RATE_STEP_SECONDS,
      swarms: swarms.map((swarm) => ({ ...swarm, name: this.#catalogue?.find(swarm.infoHash)?.name })),
    }
  }

  async #listen(): Promise<void> {
    const staff = await this.#makeStaff()
    this.#staff = staff
    try {
      await this.#load(staff)
      const { desk, nowSeconds } = staff.parts
      desk.tick(nowSeconds())
      const pages = this.#makePages(staff)
      await staff.start(pages)
      const { proxies, hosts, port } = this.#options
      const http = { desk: staff.http, proxies, pages }
      this.#sockets = await TrackerSockets.open({ http, udp: (front) => staff.udp(front) }, hosts, port)
      await staff.share(this.#sockets)
    } catch (error) {
      await this.#sockets?.close()
      this.#sockets = undefined
      await staff.end()
      throw error
    }
    this.#upkeep = new Upkeep({
      ...staff.parts,
      chores: this.#chores(staff),
      onNotice: this.#options.onNotice,
    })
  }

  async #makeStaff(): Promise<TrackerStaff> {
    const isCatalogued = (infoHash: string) => this.#catalogue?.hasInfoHash(infoHash) ?? false
    if (this.#options.workers === 1) return new OneProcess(this.#options, isCatalogued)
    const { FirstProcess } = await import('./shards/first-process.js')
    return new FirstProcess({
      given: this.#given,
      options: this.#options,
      isCatalogued,
      catalogued: () => this.#catalogue?.infoHashes() ?? [],
      onFailure: (why) => this.#fail(why),
    })
  }

  async #load({ parts, owns }: TrackerStaff): Promise<void> {
    const { catalogue: folder, stateFile, onNotice } = this.#options
    await parts.lists.read({ all: true })
    try {
      if (folder !== undefined) {
        const onSkipped = (file: string, why: string) => onNotice(`${folder}: ${file} is left out: ${why}`)
        this.#catalogue = await Catalogue.open(folder, onSkipped)
      }
      const restored = await this.#state?.restore(parts.registry, parts.times(), owns)
      if (restored === 'damaged') onNotice(`${stateFile} is damaged or of another version: starting empty`)
    } catch (error) {
      throw new OptionError('BAD_OPTION', (error as Error).message, { cause: error })
    }
  }

  #makePages(staff: TrackerStaff): Pages {
    const { writeToken } = this.#options
    const token = writeToken === undefined ? undefined : new WriteToken(writeToken)
    if (this.#catalogue !== undefined) {
      this.#catalogue.onChange = (infoHash, isThere) => staff.noteCatalogued(infoHash, isThere)
    }
    const pages = new TrackerPages({
      stats: () => this.#recentStats(),
      plotSlots: RATES_KEPT,
      catalogue: this.#catalogue && new CataloguePages(this.#catalogue, staff.parts.counting, token),
    })
    return (request) => pages.reply(request)
  }

  #chores(staff: TrackerStaff): Chore[] {
    return [
      { everySeconds: READ_LISTS_EVERY_SECONDS, run: () => staff.parts.lists.read({ all: false }) },
      { everySeconds: RATE_STEP_SECONDS, run: () => this.#noteRate(staff) },
      { everySeconds: SAVE_EVERY_SECONDS, run: () => this.#save(staff) },
    ]
  }

  async #noteRate(staff: TrackerStaff): Promise<void> {
    const { http, udp } = sumOfShards(await staff.stats())
    this.#history.add(http.announces + udp.announces, systemClock.now())
  }

  async #save(staff: TrackerStaff): Promise<void> {
    await this.#state?.save(unixSeconds, () => staff.entries())
  }

  async #close(): Promise<void> {
    await this.#listening?.catch(() => {})
    this.#upkeep?.stop()
    const staff = this.#staff
    if (this.#sockets === undefined || staff === undefined) return this.#settle()
    // A worker that is not there does not answer either.
    await staff.pause().catch(() => {})
    await this.#sockets.close()
    try {
      await this.#save(staff)
    } finally {
      await staff.end()
      this.#settle()
    }
  }

  /** What was saved last stays: a part of the swarms is missing now. */
  #fail(why: string): void {
    this.#failure = new Error(`the tracker ends, because its workers do: ${why}`)
    this.close().catch(() => {})
  }

  #staffed(): TrackerStaff {
    if (this.#staff === undefined) throw new OptionError('CLOSED', 'the tracker does not listen')
    return this.#staff
  }

  #recentStats(): Promise<TrackerStats> {
    const nowMs = systemClock.now()
    if (this.#recent === undefined || nowMs - this.#recent.atMs > STATS_LIFE_MS) {
      this.#recent = { stats: this.stats(), atMs: nowMs }
    }
    return this.#recent.stats
  }
}
