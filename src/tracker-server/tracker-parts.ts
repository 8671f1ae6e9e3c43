/** Puts one process of a tracker together from its options: everything that exists before it listens. */
import { randomBytes } from 'node:crypto'
import { systemClock, systemRandom, unixSeconds } from '../core/clock.js'
import { AnnounceDesk } from './announce-desk.js'
import { isPrivate } from './client-address.js'
import { ConnectionIds } from './connection-ids.js'
import { HttpDesk } from './http-desk.js'
import { ListFiles } from './list-files.js'
import { SipHash } from './sip-hash.js'
import type { SnapshotTimes } from './snapshot.js'
import { RegistryCounting, type SwarmCounting } from './swarm-counting.js'
import { SwarmRegistry } from './swarm-registry.js'
import { surveySwarms } from './swarm-survey.js'
import { TorrentLists } from './torrent-lists.js'
import type { CheckedOptions } from './tracker-options.js'
import { type ShardStats, SWARMS_SHOWN } from './tracker-stats.js'
import { UdpDesk } from './udp-desk.js'

/** A peer may miss half of an interval before it is taken for gone. */
const LIFE_INTERVALS = 1.5
/** What was ever completed is remembered for a week without peers. */
const SWARM_LIFE_SECONDS = 7 * 86_400
const DEFAULT_PEERS = 50
const KEY_BYTES = 16

/** What all processes of a tracker have in common. */
export interface CommonParts {
  /** Of connection ids: one that was given out by any process is good in all of them. */
  readonly connectionKey: Uint8Array
  /** Monotonic, and the same in all processes, give or take a second. */
  readonly nowSeconds: () => number
  readonly isCatalogued: (infoHashHex: string) => boolean
  /** Of the swarms of all processes, when this one has not got them all. */
  readonly countAll?: (own: SwarmCounting) => SwarmCounting
}

export class TrackerParts {
  readonly registry: SwarmRegistry
  readonly desk: AnnounceDesk
  readonly http: HttpDesk
  readonly udp: UdpDesk
  readonly lists: ListFiles
  /** Of this process's swarms. */
  readonly ownCounting: RegistryCounting
  /** Of all. */
  readonly counting: SwarmCounting
  readonly nowSeconds: () => number

  constructor(options: CheckedOptions, common: CommonParts) {
    const { maxPeersPerAnswer, intervalSeconds, privateMayName } = options
    this.nowSeconds = common.nowSeconds
    this.registry = makeRegistry(options)
    this.ownCounting = new RegistryCounting(this.registry)
    this.counting = common.countAll?.(this.ownCounting) ?? this.ownCounting
    const torrents = new TorrentLists(common.isCatalogued)
    this.lists = new ListFiles(torrents, { allowed: options.allowFile, denied: options.denyFile })
    this.desk = new AnnounceDesk({
      registry: this.registry,
      torrents,
      policy: {
        intervalSeconds,
        maxPeersPerAnswer,
        defaultPeers: Math.min(DEFAULT_PEERS, maxPeersPerAnswer),
      },
      random: systemRandom,
      nowSeconds: common.nowSeconds(),
    })
    this.http = new HttpDesk(this.desk, this.counting, privateMayName)
    const ids = new ConnectionIds(new SipHash(common.connectionKey, 'mac'))
    this.udp = new UdpDesk(this.desk, ids, ({ address, addressBytes }) => {
      return privateMayName && isPrivate(address, addressBytes)
    })
  }

  /** Now, by both clocks. */
  times(): SnapshotTimes {
    return { nowSeconds: this.nowSeconds(), unixSeconds: unixSeconds() }
  }

  stats(): ShardStats {
    const { registry, http, udp } = this
    const { swarms, ...peerCounts } = surveySwarms(registry, SWARMS_SHOWN)
    const cpu = process.cpuUsage()
    return {
      tables: {
        swarmCount: registry.swarms.count,
        ...peerCounts,
        ipv4PeerCount: registry.ipv4.count,
        ipv6PeerCount: registry.ipv6.count,
        tableBytes: registry.bytes,
      },
      http: { ...http.counts },
      udp: { ...udp.counts },
      process: {
        count: 1,
        residentBytes: process.memoryUsage.rss(),
        cpuUserSeconds: cpu.user / 1e6,
        cpuSystemSeconds: cpu.system / 1e6,
      },
      swarms,
    }
  }
}

export function secretKey(): Uint8Array {
  return randomBytes(KEY_BYTES)
}

/** Whole seconds of the monotonic clock. */
export function clockSeconds(): number {
  return Math.floor(systemClock.now() / 1000)
}

/** Each worker has its part of the caps: all together never keep more. */
function makeRegistry({ intervalSeconds, maxPeers, maxTorrents, workers }: CheckedOptions): SwarmRegistry {
  const limits = {
    maxSwarms: Math.floor(maxTorrents / workers),
    maxPeers: Math.floor(maxPeers / workers),
    peerLifeSeconds: Math.ceil(intervalSeconds * LIFE_INTERVALS),
    swarmLifeSeconds: SWARM_LIFE_SECONDS,
  }
  return new SwarmRegistry(limits, new SipHash(secretKey(), 'table'))
}
