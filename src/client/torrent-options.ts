/** Checks what a program asked for, and fills in the defaults. Types are not enough: callers may be JavaScript. */
import { DEFAULTS } from '../config.js'
import { OptionError } from '../core/errors.js'
import type { FoundAddress } from '../core/peer-address.js'
import { type PrivateReach, privateReach } from '../core/private-reach.js'
import { WEB_SCHEMES } from '../metainfo/source-urls.js'
import { type Encryption, PAYLOAD_CIPHERS } from '../swarm/encryption.js'
import { checkedList, checkedPeers } from './checked-list.js'
import type { DhtSettings } from './dht-desk.js'
import type { ClientOptions, DhtOptions, TorrentOptions } from './options.js'
import type { SeedGoal } from './seed-goal.js'
import type { GivenWebSeed } from './web-seed-list.js'

const MIB = 1024 * 1024

export interface CheckedClientOptions {
  readonly memoryBytes: number
  readonly workers: number
  /** Undefined: the usual one, or any. */
  readonly port: number | undefined
  readonly encryption: Encryption
  readonly maxDownloadBytesPerSecond: number
  readonly maxUploadBytesPerSecond: number
  /** Undefined: no part in the DHT. */
  readonly dht: DhtSettings | undefined
  readonly lsd: boolean
}

export interface CheckedTorrentOptions {
  readonly maxPeers: number
  readonly maxDownloadBytesPerSecond: number
  readonly maxUploadBytesPerSecond: number
  readonly giveUpAfterMs: number
  readonly peers: readonly FoundAddress[]
  /** Where the torrent's URLs may lead. */
  readonly reach: PrivateReach
  readonly useTrackers: boolean
  readonly usePex: boolean
  /** Those that the user named, besides those of the metainfo. */
  readonly webSeeds: readonly GivenWebSeed[]
  readonly download: boolean
  /** Undefined: it ends when it is complete. */
  readonly seedGoal: SeedGoal | undefined
  readonly sequential: boolean
  readonly allocate: 'sparse' | 'full'
}

/** Throws OptionError BAD_OPTION, naming the option. */
export function checkClientOptions(options: ClientOptions): CheckedClientOptions {
  const { encryption = 'prefer' } = options
  if (!Object.hasOwn(PAYLOAD_CIPHERS, encryption)) {
    throw new OptionError(
      'BAD_OPTION',
      `encryption: ${String(encryption)} is none of prefer, require and off`,
    )
  }
  return {
    encryption,
    memoryBytes: within('memoryBytes', options.memoryBytes ?? DEFAULTS.memoryBytes, 4 * MIB, 2 ** 40),
    workers: within('workers', options.workers ?? DEFAULTS.workers, 1, 64),
    port: options.port === undefined ? undefined : within('port', options.port, 0, 65_535),
    maxDownloadBytesPerSecond: rate('maxDownloadBytesPerSecond', options.maxDownloadBytesPerSecond),
    maxUploadBytesPerSecond: rate('maxUploadBytesPerSecond', options.maxUploadBytesPerSecond),
    lsd: options.lsd ?? true,
    dht: options.dht === false ? undefined : checkDhtOptions(options.dht ?? {}),
  }
}

/** Throws OptionError BAD_OPTION, naming the option. `reach` counts when the options do not say. */
export function checkTorrentOptions(
  options: TorrentOptions,
  reach: PrivateReach = 'spelled out',
): CheckedTorrentOptions {
  const { output, giveUpAfterMs, allocate = 'sparse', allowPrivate } = options
  if (typeof output === 'string' ? output === '' : typeof output?.write !== 'function') {
    throw new OptionError('BAD_OPTION', 'output: neither the path of a folder nor a stream')
  }
  if (allocate !== 'sparse' && allocate !== 'full') {
    throw new OptionError('BAD_OPTION', `allocate: ${String(allocate)} is neither sparse nor full`)
  }
  return {
    maxPeers: within('maxPeers', options.maxPeers ?? DEFAULTS.maxPeers, 1, 10_000),
    maxDownloadBytesPerSecond: rate('maxDownloadBytesPerSecond', options.maxDownloadBytesPerSecond),
    maxUploadBytesPerSecond: rate('maxUploadBytesPerSecond', options.maxUploadBytesPerSecond),
    giveUpAfterMs:
      giveUpAfterMs === undefined
        ? Number.POSITIVE_INFINITY
        : within('giveUpAfterMs', giveUpAfterMs, 1, 2 ** 40),
    peers: checkedPeers(options.peers),
    reach: privateReach(allowPrivate, reach),
    useTrackers: options.useTrackers ?? true,
    usePex: options.usePex ?? true,
    webSeeds: checkedList('webSeeds', options.webSeeds).map((url) => {
      const { href, hostname } = checkWebSeed(url)
      return { url: href, reach: privateReach(allowPrivate, { named: hostname }) }
    }),
    download: options.download ?? true,
    seedGoal: checkSeedGoal(options.seed),
    sequential: options.sequential ?? false,
    allocate,
  }
}

function checkDhtOptions({ bootstrap, readOnly, nodesFile }: DhtOptions): DhtSettings {
  if (bootstrap !== undefined && !(Array.isArray(bootstrap) && bootstrap.length <= MOST_BOOTSTRAP_NODES)) {
    throw new OptionError('BAD_OPTION', `dht.bootstrap: no list of at most ${MOST_BOOTSTRAP_NODES} nodes`)
  }
  for (const { host, port } of bootstrap ?? []) {
    within('dht.bootstrap port', port, 1, 65_535)
    if (typeof host !== 'string' || host === '') throw new OptionError('BAD_OPTION', 'dht.bootstrap: no host')
  }
  if (nodesFile !== undefined && (typeof nodesFile !== 'string' || nodesFile === '')) {
    throw new OptionError('BAD_OPTION', 'dht.nodesFile: not the path of a file')
  }
  return { bootstrap: bootstrap ?? DEFAULTS.dhtBootstrap, isReadOnly: readOnly ?? true, nodesPath: nodesFile }
}

/** More than anybody needs to find a way in. */
const MOST_BOOTSTRAP_NODES = 100

function checkWebSeed(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed !== undefined && WEB_SCHEMES.has(parsed.protocol)) return parsed
  throw new OptionError('BAD_OPTION', `webSeeds: ${url} is not an http or https URL`)
}

function checkSeedGoal(seed: TorrentOptions['seed']): SeedGoal | undefined {
  if (seed === undefined || seed === false) return undefined
  const { ratio = Number.POSITIVE_INFINITY, timeMs = Number.POSITIVE_INFINITY } = seed === true ? {} : seed
  for (const [name, value] of Object.entries({ 'seed.ratio': ratio, 'seed.timeMs': timeMs })) {
    if (typeof value === 'number' && value >= 0) continue
    throw new OptionError('BAD_OPTION', `${name}: ${String(value)} is not a number from 0 up`)
  }
  return { ratio, timeMs }
}

/** Below one block a second nothing would ever be requested. */
function rate(name: string, bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined || bytesPerSecond === Number.POSITIVE_INFINITY)
    return Number.POSITIVE_INFINITY
  return within(name, bytesPerSecond, 1024, 2 ** 50)
}

function within(name: string, value: number, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most && Math.floor(value) === value)
    return value
  throw new OptionError(
    'BAD_OPTION',
    `${name}: ${String(value)} is not a whole number from ${least} to ${most}`,
  )
}
