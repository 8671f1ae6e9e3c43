/**
 * The local discovery (BEP 14) that the torrents of a client share. It is loaded and opened for the first of them: a
 * program whose torrents are all private has none.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.js'
import type { LocalDiscovery, LocalTorrent } from '../discovery/local-discovery.js'

export class LsdDesk {
  readonly #clock: Clock
  readonly #port: () => number
  #opening: Promise<LocalDiscovery> | undefined
  #isClosed = false

  /** `port`: where peers may connect to us. */
  constructor(clock: Clock, port: () => number) {
    this.#clock = clock
    this.#port = port
  }

  /** Announces the torrent, and hears of its peers, until it is aborted. */
  async join(torrent: LocalTorrent, signal: AbortSignal): Promise<void> {
    this.#opening ??= this.#open()
    const discovery = await this.#opening
    if (signal.aborted || this.#isClosed) return
    signal.addEventListener('abort', discovery.join(torrent), { once: true })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const discovery = await this.#opening
    await discovery?.close()
  }

  async #open(): Promise<LocalDiscovery> {
    const { LocalDiscovery } = await import('../discovery/local-discovery.js')
    const { readLan } = await import('../discovery/lan.js')
    const cookie = randomBytes(8).toString('hex')
    return new LocalDiscovery({ clock: this.#clock, port: this.#port, cookie, readLan })
  }
}
