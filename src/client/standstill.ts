/**
 * How a torrent comes to rest, for a while or for good: peers, trackers and memory are let go of at once, what is on
 * its way to the disk still arrives, and then the state is remembered.
 */
import type { PieceStore } from '../storage/piece-store.js'
import type { PeerSearch } from './peer-search.js'
import type { StateSaver } from './state-saver.js'
import type { TorrentDownload } from './torrent-download.js'

export interface StandstillParts {
  readonly download: TorrentDownload
  readonly store: PieceStore
  readonly search: PeerSearch
  readonly saver: StateSaver
  readonly isRunning: () => boolean
}

export class Standstill {
  readonly #parts: StandstillParts
  #farewell: Promise<void> = Promise.resolve()
  #isForGood = false

  constructor(parts: StandstillParts) {
    this.#parts = parts
  }

  /** Resolves when the trackers have heard of the last standstill, or do not answer. */
  get farewell(): Promise<void> {
    return this.#farewell
  }

  /** For a while: the same torrent may go on afterwards. */
  begin(): void {
    const { scheduler, arena, flow } = this.#parts.download
    this.#leaveSwarm()
    scheduler.abandonAll()
    arena.rest()
    void flow.idle().then(() => this.#saveUnlessOver())
  }

  /** For good. Resolves when nothing is left open but the farewell; rejects with what the storage says. */
  async end({ isForgotten }: { readonly isForgotten: boolean }): Promise<void> {
    const { download, store, saver } = this.#parts
    this.#isForGood = true
    this.#leaveSwarm()
    store.giveUp()
    await download.flow.idle()
    if (isForgotten) await saver.forget()
    else await saver.saveClean()
    await store.close()
    download.arena.leave()
  }

  /** By then the torrent may have gone on, or have ended. */
  async #saveUnlessOver(): Promise<void> {
    if (!this.#isForGood && !this.#parts.isRunning()) await this.#parts.saver.saveClean()
  }

  #leaveSwarm(): void {
    this.#parts.download.webSeeds.close()
    this.#parts.download.swarm.close()
    this.#farewell = this.#parts.search.stop()
  }
}
