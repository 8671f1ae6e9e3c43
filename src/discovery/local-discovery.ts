/**
 * Local service discovery (BEP 14): tells the networks around this machine which torrents we take part in, and hears
 * the same of others. One for all torrents of a client; its sockets are opened with the first.
 *
 * What others send costs little and is believed about themselves only: a peer is where its packet came from. There is
 * one timer at most, which keeps no process alive, and nothing that a socket refuses ends anything.
 */
import type { Clock } from '../core/clock.js'
import type { PeerAddress } from '../core/peer-address.js'
import { TokenBucket } from '../core/token-bucket.js'
import { AnnounceRota } from '../swarm/announce-rota.js'
import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  type LocalAnnounce,
  MOST_HASHES_PER_PACKET,
} from '../wire/lsd-messages.js'
import { isNear, type Lan } from './lan.js'
import { type GroupAddress, MulticastGroup } from './multicast-group.js'

export interface LocalDiscoveryParts {
  readonly clock: Clock
  /** Where we accept peers. */
  readonly port: () => number
  /** By which we know our own packets: letters and digits that nobody else has. */
  readonly cookie: string
  readonly readLan: () => Lan
  /** Runs something once after a delay in milliseconds, unless the function it returns is called before. */
  readonly after?: (delayMs: number, run: () => void) => () => void
}

/** Of one torrent. */
export interface LocalTorrent {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  readonly onPeer: (address: PeerAddress) => void
}

const GROUPS: readonly GroupAddress[] = [
  { family: 4, host: '239.192.152.143', port: 6771 },
  { family: 6, host: 'ff15::efc0:988f', port: 6771 },
]

/** Older programs read one torrent from a packet: as long as there are few, each gets its own. */
const FEW_TORRENTS = 5
/** Packets at once to one network, and the pause until there may be more. */
const MOST_PACKETS = 5
const NEXT_PACKETS_MS = 1_000
/** Packets heard, lastingly and at once: a large network announces some dozens a second at most. */
const HEARD_PER_SECOND = 100
const HEARD_AT_ONCE = 500

export class LocalDiscovery {
  readonly #parts: LocalDiscoveryParts
  readonly #after: NonNullable<LocalDiscoveryParts['after']>
  readonly #rota = new AnnounceRota()
  /** Who listens, by info hash. */
  readonly #torrents = new Map<string, LocalTorrent>()
  readonly #groups: readonly { readonly address: GroupAddress; readonly group: MulticastGroup }[]
  readonly #patience: TokenBucket
  #networks: readonly string[] = []
  #cancelTimer: () => void = () => {}
  /** An announce is under way. */
  #announcing: Promise<void> | undefined
  #isClosed = false

  constructor(parts: LocalDiscoveryParts) {
    this.#parts = parts
    this.#after = parts.after ?? afterDelay
    this.#patience = new TokenBucket(HEARD_PER_SECOND, HEARD_AT_ONCE, parts.clock.now())
    const hear = this.#hear.bind(this)
    this.#groups = GROUPS.map((address) => ({ address, group: new MulticastGroup(address, hear) }))
  }

  /** The function that is returned ends its part. `onPeer` may not throw. */
  join(torrent: LocalTorrent): () => void {
    const { infoHash } = torrent
    this.#torrents.set(infoHash, torrent)
    this.#rota.join(infoHash, this.#parts.clock.now())
    this.#plan(0)
    return () => {
      if (this.#torrents.get(infoHash) !== torrent) return
      this.#torrents.delete(infoHash)
      this.#rota.leave(infoHash)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelTimer()
    await Promise.all(this.#groups.map(({ group }) => group.close()))
    await this.#announcing
  }

  /** When the next torrent is due, but not before so many milliseconds. */
  #plan(leastMs: number): void {
    this.#cancelTimer()
    const { nextMs } = this.#rota
    if (this.#isClosed || this.#announcing !== undefined || nextMs === Number.POSITIVE_INFINITY) return
    const delayMs = Math.max(leastMs, nextMs - this.#parts.clock.now())
    this.#cancelTimer = this.#after(delayMs, () => {
      this.#announcing = this.#announce().finally(() => {
        this.#announcing = undefined
        this.#plan(NEXT_PACKETS_MS)
      })
    })
  }

  /** Networks come and go: each time those count that are there now. Never rejects. */
  async #announce(): Promise<void> {
    const { interfaces, networks } = this.#parts.readLan()
    this.#networks = networks
    await Promise.all(this.#groups.map(({ group }) => group.join(interfaces)))
    const due = this.#rota.take(this.#parts.clock.now(), MOST_PACKETS * MOST_HASHES_PER_PACKET)
    const perPacket = due.length > FEW_TORRENTS ? MOST_HASHES_PER_PACKET : 1
    for (let at = 0; at < due.length; at += perPacket) this.#send(due.slice(at, at + perPacket))
  }

  #send(infoHashes: readonly string[]): void {
    const announce = { port: this.#parts.port(), infoHashes, cookie: this.#parts.cookie }
    for (const { address, group } of this.#groups) {
      const { family, host, port } = address
      const name = family === 4 ? `${host}:${port}` : `[${host}]:${port}`
      group.send(encodeLocalAnnounce(name, announce))
    }
  }

  #hear(packet: Buffer, host: string): void {
    const nowMs = this.#parts.clock.now()
    if (this.#patience.available(nowMs) < 1) return
    this.#patience.take(1)
    const announce = decodeLocalAnnounce(packet)
    if (announce === undefined || announce.cookie === this.#parts.cookie) return
    // Nobody can be kept from sending a packet to this port from far away, in whoever's name.
    if (isNear(host, this.#networks)) this.#meet(announce, host)
  }

  #meet({ infoHashes, port }: LocalAnnounce, host: string): void {
    for (const infoHash of infoHashes) this.#torrents.get(infoHash)?.onPeer({ host, port })
  }
}

function afterDelay(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs).unref()
  return () => clearTimeout(timer)
}
