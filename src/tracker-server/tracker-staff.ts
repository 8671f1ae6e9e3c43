/** Who does the work of a tracker: one process alone, or several that share it. The tracker sees no difference. */
import type { DatagramDesk } from './datagram-desk.js'
import type { HttpTracker } from './http-tracker.js'
import type { Pages } from './page-request.js'
import { type OwnsInfoHash, snapshotEntries } from './snapshot.js'
import type { SnapshotEntries } from './state-file.js'
import type { CheckedOptions } from './tracker-options.js'
import { clockSeconds, secretKey, TrackerParts } from './tracker-parts.js'
import type { TrackerSockets } from './tracker-sockets.js'
import type { ShardStats } from './tracker-stats.js'

export interface TrackerStaff {
  /** Of this process. */
  readonly parts: TrackerParts
  readonly http: HttpTracker
  udp(front: number): DatagramDesk
  /** Which swarms are kept in this process. */
  readonly owns: OwnsInfoHash
  /** Before it listens. Rejects when a worker cannot start. */
  start(pages: Pages): Promise<void>
  /** Has everybody answer on the sockets. */
  share(sockets: TrackerSockets): Promise<void>
  /** Of each process. */
  stats(): Promise<readonly ShardStats[]>
  /** The swarms of all, for a snapshot. */
  entries(): SnapshotEntries
  /** Reads the lists of torrents again. Rejects when one is bad. */
  reloadLists(): Promise<void>
  /** A torrent came into the catalogue, or left it. */
  noteCatalogued(infoHash: Uint8Array, isThere: boolean): Promise<void>
  /** No worker answers any more afterwards. */
  pause(): Promise<void>
  end(): Promise<void>
}

export class OneProcess implements TrackerStaff {
  readonly parts: TrackerParts
  readonly http: HttpTracker

  constructor(options: CheckedOptions, isCatalogued: (infoHashHex: string) => boolean) {
    this.parts = new TrackerParts(options, {
      connectionKey: secretKey(),
      nowSeconds: clockSeconds,
      isCatalogued,
    })
    this.http = this.parts.http
  }

  udp(): DatagramDesk {
    return this.parts.udp
  }

  owns(): boolean {
    return true
  }

  async start(): Promise<void> {}

  async share(): Promise<void> {}

  async stats(): Promise<ShardStats[]> {
    return [this.parts.stats()]
  }

  entries(): SnapshotEntries {
    return snapshotEntries(this.parts.registry, this.parts.nowSeconds())
  }

  async reloadLists(): Promise<void> {
    await this.parts.lists.read({ all: true })
  }

  async noteCatalogued(): Promise<void> {}

  async pause(): Promise<void> {}

  async end(): Promise<void> {}
}
