/** The options that `get` and `seed` share: how they meet their peers, and how they tell what they do. */
import { type Command, Option } from 'commander'
import type { ClientOptions, TorrentOptions } from '../client/options.js'
import { DEFAULTS, LIMITS } from '../config.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { Encryption } from '../swarm/encryption.js'
import { addDhtOptions, type DhtCommandOptions } from './dht-options.js'
import { type HostPort, hostPort, rate, repeated, wholeNumber } from './option-values.js'

export interface TellingOptions {
  readonly json?: boolean
  readonly quiet?: boolean
}

export interface SwarmOptions extends TellingOptions, DhtCommandOptions {
  readonly peer?: readonly HostPort[]
  readonly port?: number
  readonly trackers: boolean
  readonly allowPrivate?: true
  readonly lsd: boolean
  readonly pex: boolean
  readonly maxPeers?: number
  readonly workers?: number
  readonly encryption: Encryption
  /** In bytes per second. */
  readonly maxUpload?: number
}

export const ALLOW_PRIVATE = 'let torrents lead to this machine and private networks'

export function encryptionOption(): Option {
  return new Option(
    '--encryption <how>',
    'plain and encrypted connections, encrypted ones only, or plain ones only',
  )
    .choices(['prefer', 'require', 'off'])
    .default('prefer')
}

export function addSwarmOptions(command: Command): Command {
  addDhtOptions(command)
  return command
    .option(
      '--peer <host:port>',
      'a peer to ask besides those of the trackers (repeatable)',
      repeated(hostPort),
    )
    .option(
      '--port <n>',
      `where peers may connect; 0: any (${DEFAULTS.port}, or any when it is taken)`,
      wholeNumber(0, 65_535),
    )
    .addOption(encryptionOption())
    .option('--no-trackers', 'ask no tracker')
    .option('--allow-private', ALLOW_PRIVATE)
    .option('--no-lsd', 'find no peers on the local network, and do not announce there')
    .option('--no-pex', 'hear of no peers from peers')
    .option(
      '--max-peers <n>',
      `connections of a torrent (${DEFAULTS.maxPeers})`,
      wholeNumber(1, LIMITS.peersKnown),
    )
    .option('--max-upload <rate>', 'bytes per second of all torrents together: 512K, 20M, 1.5G', rate)
    .option('--workers <n>', `threads for disk and hashes (${DEFAULTS.workers})`, wholeNumber(1, 64))
    .option('--json', 'events on standard output, one JSON object a line')
    .option('--quiet', 'no progress, only errors')
}

export function swarmClientOptions(options: SwarmOptions): ClientOptions {
  return {
    encryption: options.encryption,
    lsd: options.lsd,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.maxUpload === undefined ? {} : { maxUploadBytesPerSecond: options.maxUpload }),
  }
}

export function swarmTorrentOptions(
  options: SwarmOptions,
  peers: readonly PeerAddress[],
): Omit<TorrentOptions, 'output'> {
  return {
    peers,
    useTrackers: options.trackers,
    ...(options.allowPrivate === undefined ? {} : { allowPrivate: options.allowPrivate }),
    usePex: options.pex,
    ...(options.maxPeers === undefined ? {} : { maxPeers: options.maxPeers }),
  }
}

/** Undefined when neither is given. */
export function seedGoal(ratio: number | undefined, timeMs: number | undefined): TorrentOptions['seed'] {
  if (ratio === undefined && timeMs === undefined) return undefined
  return { ...(ratio === undefined ? {} : { ratio }), ...(timeMs === undefined ? {} : { timeMs }) }
}
