/** The options of `get`: how they are declared, and what they mean to a client and to a torrent. */
import { type Command, Option } from 'commander'
import type { ClientOptions, TorrentOptions } from '../client/options.js'
import { DEFAULTS, LIMITS } from '../config.js'
import { OptionError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import {
  fileSelector,
  type HostPort,
  hostPort,
  rate,
  repeated,
  secondsAsMs,
  wholeNumber,
} from './option-values.js'

export interface GetOptions {
  /** A folder, or `-` for standard output. */
  readonly output: string
  readonly peer?: readonly HostPort[]
  readonly port?: number
  readonly trackers: boolean
  readonly maxPeers?: number
  readonly memory?: number
  readonly workers?: number
  readonly maxDownload?: number
  readonly select?: readonly (string | number)[]
  readonly sequential?: boolean
  readonly allocate: 'sparse' | 'full'
  readonly json?: boolean
  readonly quiet?: boolean
  /** In milliseconds. */
  readonly timeout?: number
}

/** The `--output` that means standard output. */
export const STANDARD_OUTPUT = '-'

export function addGetOptions(command: Command): Command {
  const allocate = new Option('--allocate <how>', 'files as they fill, or all space taken at the start')
  const source = 'reserved: this source of peers is not there yet'
  return command
    .option('-o, --output <dir>', 'folder for the files; - writes one file to standard output', '.')
    .option(
      '--peer <host:port>',
      'a peer to ask besides those of the trackers (repeatable)',
      repeated(hostPort),
    )
    .option('--port <n>', `port told to trackers (${DEFAULTS.port})`, wholeNumber(1, 65_535))
    .option('--no-trackers', 'ask no tracker')
    .option('--no-dht', source)
    .option('--no-lsd', source)
    .option('--no-pex', source)
    .option(
      '--max-peers <n>',
      `connections of a torrent (${DEFAULTS.maxPeers})`,
      wholeNumber(1, LIMITS.peersKnown),
    )
    .option(
      '--memory <mib>',
      `piece data in memory, in MiB (${DEFAULTS.memoryBytes / MIB})`,
      wholeNumber(4, 1_048_576),
    )
    .option('--workers <n>', `threads that hash and write (${DEFAULTS.workers})`, wholeNumber(1, 64))
    .option('--max-download <rate>', 'bytes per second of all torrents together: 512K, 20M, 1.5G', rate)
    .option('--select <glob|number>', 'only these files; see show (repeatable)', repeated(fileSelector))
    .option('--sequential', 'pieces in order instead of rarest first')
    .addOption(allocate.choices(['sparse', 'full']).default('sparse'))
    .option('--json', 'events on standard output, one JSON object a line')
    .option('--quiet', 'no progress, only errors')
    .option('--timeout <seconds>', 'give up when nothing was verified for so long', secondsAsMs)
}

/** Throws OptionError (BAD_OPTION) for options that contradict each other. */
export function checkCombination(sources: readonly string[], options: GetOptions): void {
  if (options.output !== STANDARD_OUTPUT) return
  if (options.json) throw new OptionError('BAD_OPTION', '--output - and --json both want standard output')
  if (sources.length > 1) throw new OptionError('BAD_OPTION', '--output - takes one source')
}

export function clientOptions(options: GetOptions): ClientOptions {
  return {
    ...(options.memory === undefined ? {} : { memoryBytes: options.memory * MIB }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.maxDownload === undefined ? {} : { maxDownloadBytesPerSecond: options.maxDownload }),
  }
}

export function torrentOptions(options: GetOptions, peers: readonly PeerAddress[]): TorrentOptions {
  return {
    output: options.output === STANDARD_OUTPUT ? process.stdout : options.output,
    peers,
    useTrackers: options.trackers,
    sequential: options.sequential ?? false,
    allocate: options.allocate,
    ...(options.select === undefined ? {} : { select: options.select }),
    ...(options.maxPeers === undefined ? {} : { maxPeers: options.maxPeers }),
    ...(options.timeout === undefined ? {} : { giveUpAfterMs: options.timeout }),
  }
}

const MIB = 1_048_576
