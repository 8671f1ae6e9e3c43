/** Puts a tracker together from its options: everything that exists before it listens. */
import { randomBytes } from 'node:crypto'
import { systemClock, systemRandom, unixSeconds } from '../core/clock.js'
import { AnnounceDesk } from './announce-desk.js'
import type { Catalogue } from './catalogue.js'
import { isPrivate } from './client-address.js'
import { ConnectionIds } from './connection-ids.js'
import { HttpDesk } from './http-desk.js'
import { ListFiles } from './list-files.js'
import { RateHistory } from './rate-history.js'
import { SipHash, type SipStrength } from './sip-hash.js'
import type { SnapshotTimes } from './snapshot.js'
import { StateFile } from './state-file.js'
import { SwarmRegistry } from './swarm-registry.js'
import { TorrentLists } from './torrent-lists.js'
import type { CheckedOptions } from './tracker-options.js'
import { UdpDesk } from './udp-desk.js'

/** A peer may miss half of an interval before it is taken for gone. */
const LIFE_INTERVALS = 1.5
/** What was ever completed is remembered for a week without peers. */
const SWARM_LIFE_SECONDS = 7 * 86_400
const DEFAULT_PEERS = 50
/** An hour, at a rate every ten seconds. */
const RATES_KEPT = 360
const KEY_BYTES = 16

export class TrackerParts {
  readonly registry: SwarmRegistry
  readonly desk: AnnounceDesk
  readonly http: HttpDesk
  readonly udp: UdpDesk
  readonly lists: ListFiles
  readonly state: StateFile | undefined
  readonly history = new RateHistory(RATES_KEPT, systemClock.now())
  readonly plotSlots = RATES_KEPT
  /** Set when the folder was read. */
  catalogue: Catalogue | undefined = undefined

  constructor(options: CheckedOptions) {
    const { maxPeersPerAnswer, intervalSeconds, privateMayName, stateFile } = options
    this.registry = makeRegistry(options)
    const torrents = new TorrentLists((infoHash) => this.catalogue?.hasInfoHash(infoHash) ?? false)
    this.lists = new ListFiles(torrents, { allowed: options.allowFile, denied: options.denyFile })
    this.state = stateFile === undefined ? undefined : new StateFile(stateFile, this.registry)
    this.desk = new AnnounceDesk({
      registry: this.registry,
      torrents,
      policy: {
        intervalSeconds,
        maxPeersPerAnswer,
        defaultPeers: Math.min(DEFAULT_PEERS, maxPeersPerAnswer),
      },
      random: systemRandom,
      nowSeconds: nowSeconds(),
    })
    this.http = new HttpDesk(this.desk, privateMayName)
    const ids = new ConnectionIds(secretHasher('mac'))
    this.udp = new UdpDesk(this.desk, ids, ({ address, addressBytes }) => {
      return privateMayName && isPrivate(address, addressBytes)
    })
  }

  get announceCount(): number {
    return this.http.counts.announces + this.udp.counts.announces
  }
}

/** Now, by both clocks. */
export function snapshotTimes(): SnapshotTimes {
  return { nowSeconds: nowSeconds(), unixSeconds: unixSeconds() }
}

function makeRegistry({ intervalSeconds, maxPeers, maxTorrents }: CheckedOptions): SwarmRegistry {
  const limits = {
    maxSwarms: maxTorrents,
    maxPeers,
    peerLifeSeconds: Math.ceil(intervalSeconds * LIFE_INTERVALS),
    swarmLifeSeconds: SWARM_LIFE_SECONDS,
  }
  return new SwarmRegistry(limits, secretHasher('table'))
}

function secretHasher(strength: SipStrength): SipHash {
  return new SipHash(randomBytes(KEY_BYTES), strength)
}

function nowSeconds(): number {
  return Math.floor(systemClock.now() / 1000)
}
