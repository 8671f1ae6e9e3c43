/** The options of a tracker, with their defaults, checked once. */
import { type BlockList, isIP } from 'node:net'
import { OptionError } from '../core/errors.js'
import { rangesOf } from './client-address.js'

export interface TrackerServerOptions {
  /** For HTTP and UDP alike; 0 lets the system choose. 6969. */
  readonly port?: number | undefined
  /** Addresses to listen on. All of IPv4, and all of IPv6 where there is any. */
  readonly hosts?: readonly string[] | undefined
  /** How often peers should announce, in seconds. Half an hour: ten announces a second for 18,000 peers. */
  readonly intervalSeconds?: number | undefined
  /** Who announced longest ago makes room. A million peers take about 110 MB. */
  readonly maxPeers?: number | undefined
  readonly maxTorrents?: number | undefined
  /** In one answer, of each family of addresses. Connecting to more than 200 helps nobody. */
  readonly maxPeersPerAnswer?: number | undefined
  /**
   * Info hashes, one a line: only these, and those of the catalogue, are served. Read again when it
   * changes.
   */
  readonly allowFile?: string | undefined
  /** Info hashes that are not served. */
  readonly denyFile?: string | undefined
  /** A folder of .torrent files to hand out. */
  readonly catalogue?: string | undefined
  /** Whoever sends it may change the catalogue. Without it nobody may. */
  readonly writeToken?: string | undefined
  /** Where to keep swarms over a restart. Without it they are forgotten. */
  readonly stateFile?: string | undefined
  /** Addresses and ranges of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Announcers on private networks may name another address of theirs (`ip=`). */
  readonly privateMayName?: boolean | undefined
  /**
   * Processes that share the work, and the caps on peers and torrents in equal parts: for UDP that keeps a core
   * busy. More than one are not to be had on Windows. 1.
   */
  readonly workers?: number | undefined
  /** Something that whoever runs the tracker should know, as a sentence. */
  readonly onNotice?: ((text: string) => void) | undefined
}

export interface CheckedOptions {
  readonly port: number
  readonly hosts: readonly string[] | undefined
  readonly intervalSeconds: number
  readonly maxPeers: number
  readonly maxTorrents: number
  readonly maxPeersPerAnswer: number
  readonly allowFile: string | undefined
  readonly denyFile: string | undefined
  readonly catalogue: string | undefined
  readonly writeToken: string | undefined
  readonly stateFile: string | undefined
  readonly proxies: BlockList | undefined
  readonly privateMayName: boolean
  readonly workers: number
  readonly onNotice: (text: string) => void
}

/** Throws OptionError `BAD_OPTION`, naming the option. */
export function checkTrackerOptions(options: TrackerServerOptions): CheckedOptions {
  const { hosts, writeToken } = options
  if (hosts?.length === 0 || hosts?.some((host) => isIP(host) === 0)) {
    throw badOption('hosts', 'not a list of IP addresses')
  }
  if (writeToken !== undefined && !/^\S{1,256}$/.test(writeToken)) {
    throw badOption('writeToken', 'not 1 to 256 characters without spaces')
  }
  return {
    port: within('port', options.port ?? 6969, 0, 65_535),
    hosts,
    intervalSeconds: within('intervalSeconds', options.intervalSeconds ?? 1_800, 10, 86_400),
    maxPeers: within('maxPeers', options.maxPeers ?? 2_000_000, 1, 50_000_000),
    maxTorrents: within('maxTorrents', options.maxTorrents ?? 500_000, 1, 10_000_000),
    maxPeersPerAnswer: within('maxPeersPerAnswer', options.maxPeersPerAnswer ?? 200, 1, 1_000),
    allowFile: options.allowFile,
    denyFile: options.denyFile,
    catalogue: options.catalogue,
    writeToken,
    stateFile: options.stateFile,
    proxies: parseProxies(options.trustedProxies ?? []),
    privateMayName: options.privateMayName ?? false,
    workers: checkWorkers(options),
    onNotice: options.onNotice ?? (() => {}),
  }
}

const MAX_WORKERS = 64

function checkWorkers({ workers = 1, maxPeers, maxTorrents }: TrackerServerOptions): number {
  // Each must be able to keep one.
  const most = Math.min(MAX_WORKERS, maxPeers ?? MAX_WORKERS, maxTorrents ?? MAX_WORKERS)
  if (workers > 1 && process.platform === 'win32') throw badOption('workers', 'Windows can have one only')
  return within('workers', workers, 1, most)
}

function within(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw badOption(name, `${String(value)} is not a whole number from ${least} to ${most}`)
}

function parseProxies(texts: readonly string[]): BlockList | undefined {
  try {
    return rangesOf(texts)
  } catch (error) {
    throw badOption('trustedProxies', (error as Error).message)
  }
}

function badOption(name: string, why: string): OptionError {
  return new OptionError('BAD_OPTION', `${name}: ${why}`)
}
