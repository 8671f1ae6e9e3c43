/**
 * A tracker without sockets, whose time stands still until it is moved and whose dice are the same every
 * time.
 */
import { AnnounceDesk, type TorrentPolicy } from '../../src/tracker-server/announce-desk.js'
import { AnnounceRequest } from '../../src/tracker-server/announce-request.js'
import { SipHash } from '../../src/tracker-server/sip-hash.js'
import { type RegistryLimits, SwarmRegistry } from '../../src/tracker-server/swarm-registry.js'

export const INTERVAL_SECONDS = 1_000

export interface SampleTracker {
  readonly registry: SwarmRegistry
  readonly desk: AnnounceDesk
  /** Moves the time. */
  pass(seconds: number): void
}

export interface SampleOptions {
  readonly limits?: Partial<RegistryLimits>
  readonly torrents?: TorrentPolicy
  readonly maxPeersPerAnswer?: number
}

export function sampleRegistry(limits: Partial<RegistryLimits> = {}): SwarmRegistry {
  const defaults = { maxSwarms: 1_000, maxPeers: 10_000, peerLifeSeconds: 1_500, swarmLifeSeconds: 10_000 }
  return new SwarmRegistry({ ...defaults, ...limits }, new SipHash(new Uint8Array(16), 'table'))
}

export function sampleTracker(options: SampleOptions = {}): SampleTracker {
  let nowSeconds = 5_000
  const registry = sampleRegistry(options.limits)
  const desk = new AnnounceDesk({
    registry,
    torrents: options.torrents ?? { permits: () => true },
    policy: {
      intervalSeconds: INTERVAL_SECONDS,
      defaultPeers: 50,
      maxPeersPerAnswer: options.maxPeersPerAnswer ?? 200,
    },
    random: () => 0.5,
    nowSeconds,
  })
  return {
    registry,
    desk,
    pass(seconds) {
      nowSeconds += seconds
      desk.tick(nowSeconds)
    },
  }
}

/** 20 bytes that all are this one. */
export function infoHash(byte: number): Uint8Array {
  return new Uint8Array(20).fill(byte)
}

export interface SampleAnnounce {
  readonly torrent?: number
  /** The last byte of the address. */
  readonly host?: number
  readonly port?: number
  readonly addressBytes?: 4 | 16
  readonly event?: AnnounceRequest['event']
  readonly isSeed?: boolean
  readonly wantedCount?: number
}

/** An announce by 10.0.0.host, or by fc00::host. */
export function announceOf(sample: SampleAnnounce): AnnounceRequest {
  const request = new AnnounceRequest()
  request.infoHash.set(infoHash(sample.torrent ?? 1))
  request.peerId.fill(sample.host ?? 1)
  request.addressBytes = sample.addressBytes ?? 4
  request.endpoint[0] = request.addressBytes === 4 ? 10 : 0xfc
  request.endpoint[request.addressBytes - 1] = sample.host ?? 1
  request.port = sample.port ?? 6_881
  request.event = sample.event ?? 'update'
  request.isSeed = sample.isSeed ?? false
  request.wantedCount = sample.wantedCount ?? 50
  return request
}
