/**
 * A tracker: HTTP and UDP on one port, a catalogue of .torrent files and pages beside it. It installs no
 * handlers on the process, prints nothing, and keeps nothing open after `close()`.
 */
import { systemClock } from '../core/clock.js'
import { OptionError } from '../core/errors.js'
import { Catalogue } from './catalogue.js'
import { CataloguePages } from './catalogue-pages.js'
import { type CheckedOptions, checkTrackerOptions, type TrackerServerOptions } from './tracker-options.js'
import { TrackerPages } from './tracker-pages.js'
import { snapshotTimes, TrackerParts } from './tracker-parts.js'
import { TrackerSockets } from './tracker-sockets.js'
import { surveySwarms, type TrackerStats } from './tracker-stats.js'
import { RATE_STEP_SECONDS, Upkeep } from './upkeep.js'
import { WriteToken } from './write-token.js'

const SWARMS_SHOWN = 100
/** However often pages are asked for, the swarms are looked through no more often than this. */
const STATS_LIFE_MS = 500

export class TrackerServer {
  readonly #options: CheckedOptions
  readonly #parts: TrackerParts
  readonly #startedMs = systemClock.now()
  #sockets: TrackerSockets | undefined
  #upkeep: Upkeep | undefined
  #listening: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #recent: { readonly stats: TrackerStats; readonly atMs: number } | undefined

  /** Throws OptionError `BAD_OPTION`. */
  constructor(options: TrackerServerOptions = {}) {
    this.#options = checkTrackerOptions(options)
    this.#parts = new TrackerParts(this.#options)
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

  /** Reads the lists of torrents again, now. Rejects with OptionError; the old lists stay in force then. */
  async reloadLists(): Promise<void> {
    await this.#parts.lists.read({ all: true })
  }

  /** Stops answering, then saves the state. Rejects when that cannot be saved. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  stats(): TrackerStats {
    const { registry, catalogue, http, udp, history } = this.#parts
    const survey = surveySwarms(registry, SWARMS_SHOWN, (infoHash) => catalogue?.find(infoHash)?.name)
    return {
      uptimeSeconds: (systemClock.now() - this.#startedMs) / 1000,
      swarmCount: registry.swarms.count,
      seedCount: survey.seedCount,
      leecherCount: survey.leecherCount,
      ipv4PeerCount: registry.ipv4.count,
      ipv6PeerCount: registry.ipv6.count,
      tableBytes: registry.bytes,
      http: { ...http.counts },
      udp: { ...udp.counts },
      catalogueCount: catalogue?.count ?? 0,
      announceRates: history.rates(),
      rateStepSeconds: RATE_STEP_SECONDS,
      swarms: survey.swarms,
    }
  }

  async #listen(): Promise<void> {
    await this.#load()
    const { http, udp, desk } = this.#parts
    desk.tick(snapshotTimes().nowSeconds)
    const { proxies, hosts, port } = this.#options
    const pages = this.#makePages()
    const front = { desk: http, proxies, pages: pages.serve.bind(pages) }
    this.#sockets = await TrackerSockets.open({ http: front, udp }, hosts, port)
    this.#upkeep = new Upkeep({
      ...this.#parts,
      announceCount: () => this.#parts.announceCount,
      times: snapshotTimes,
      nowMs: systemClock.now,
      onNotice: (text) => this.#notice(text),
    })
  }

  async #load(): Promise<void> {
    const { lists, state } = this.#parts
    const { catalogue: folder, stateFile } = this.#options
    await lists.read({ all: true })
    try {
      if (folder !== undefined) {
        const onSkipped = (file: string, why: string) =>
          this.#notice(`${folder}: ${file} is left out: ${why}`)
        this.#parts.catalogue = await Catalogue.open(folder, onSkipped)
      }
      const restored = await state?.restore(snapshotTimes())
      if (restored === 'damaged')
        this.#notice(`${stateFile} is damaged or of another version: starting empty`)
    } catch (error) {
      throw new OptionError('BAD_OPTION', (error as Error).message, { cause: error })
    }
  }

  #makePages(): TrackerPages {
    const { catalogue, registry, plotSlots } = this.#parts
    const { writeToken } = this.#options
    const token = writeToken === undefined ? undefined : new WriteToken(writeToken)
    return new TrackerPages({
      stats: () => this.#recentStats(),
      plotSlots,
      catalogue: catalogue && new CataloguePages(catalogue, registry, token),
    })
  }

  async #close(): Promise<void> {
    await this.#listening?.catch(() => {})
    this.#upkeep?.stop()
    await this.#sockets?.close()
    if (this.#sockets !== undefined) await this.#parts.state?.save(snapshotTimes())
  }

  #recentStats(): TrackerStats {
    const nowMs = systemClock.now()
    if (this.#recent === undefined || nowMs - this.#recent.atMs > STATS_LIFE_MS) {
      this.#recent = { stats: this.stats(), atMs: nowMs }
    }
    return this.#recent.stats
  }

  #notice(text: string): void {
    this.#options.onNotice(text)
  }
}
