/** The options of `get`: how they are declared, and what they mean to a client and to a torrent. */
import { type Command, Option } from 'commander'
import type { ClientOptions, MetadataOptions, TorrentOptions } from '../client/options.js'
import { DEFAULTS } from '../config.js'
import { OptionError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import { duration, fileSelector, rate, ratio, repeated, webUrl, wholeNumber } from './option-values.js'
import { STANDARD_OUTPUT } from './standard-streams.js'
import {
  addSwarmOptions,
  type SwarmOptions,
  seedGoal,
  swarmClientOptions,
  swarmTorrentOptions,
} from './swarm-options.js'

export interface GetOptions extends SwarmOptions {
  /** A folder, or `-` for standard output. */
  readonly output: string
  readonly memory?: number
  /** In bytes per second. */
  readonly maxDownload?: number
  readonly select?: readonly (string | number)[]
  readonly sequential?: boolean
  readonly allocate: 'sparse' | 'full'
  readonly seedRatio?: number
  /** In milliseconds. */
  readonly seedTime?: number
  /** In milliseconds. */
  readonly timeout?: number
  readonly metadataOnly?: boolean
  readonly webSeed?: readonly string[]
}

export function addGetOptions(command: Command): Command {
  const allocate = new Option('--allocate <how>', 'files as they fill, or all space taken at the start')
  command
    .option('-o, --output <dir>', 'folder for the files; - writes one file to standard output', '.')
    .option('--select <glob|number>', 'only these files; see show (repeatable)', repeated(fileSelector))
    .option('--web-seed <url>', 'where the same files are on the web (repeatable)', repeated(webUrl))
    .option('--sequential', 'pieces in order instead of rarest first')
    .addOption(allocate.choices(['sparse', 'full']).default('sparse'))
    .option(
      '--memory <mib>',
      `piece data in memory, in MiB (${DEFAULTS.memoryBytes / MIB})`,
      wholeNumber(4, 1_048_576),
    )
    .option('--max-download <rate>', 'bytes per second of all torrents together: 512K, 20M, 1.5G', rate)
    .option('--metadata-only', 'write the .torrent of a magnet link or info hash, and nothing else')
    .option('--timeout <duration>', 'give up when nothing came in for so long', duration(1))
    .option('--seed-ratio <n>', 'seed then, until so many times the size has been uploaded', ratio)
    .option('--seed-time <duration>', 'seed then, for so long: seconds, or such as 90m, 12h', duration(0))
  return addSwarmOptions(command)
}

/** Throws OptionError (BAD_OPTION) for options that contradict each other. */
export function checkCombination(sources: readonly string[], options: GetOptions): void {
  if (options.output !== STANDARD_OUTPUT) return
  if (options.json) throw new OptionError('BAD_OPTION', '--output - and --json both want standard output')
  if (sources.length > 1) throw new OptionError('BAD_OPTION', '--output - takes one source')
  if (goalOf(options) === undefined) return
  throw new OptionError('BAD_OPTION', '--output - keeps nothing that could be seeded')
}

export function clientOptions(options: GetOptions): ClientOptions {
  return {
    ...swarmClientOptions(options),
    ...(options.memory === undefined ? {} : { memoryBytes: options.memory * MIB }),
    ...(options.maxDownload === undefined ? {} : { maxDownloadBytesPerSecond: options.maxDownload }),
  }
}

export function torrentOptions(options: GetOptions, peers: readonly PeerAddress[]): TorrentOptions {
  return {
    ...swarmTorrentOptions(options, peers),
    output: options.output === STANDARD_OUTPUT ? process.stdout : options.output,
    sequential: options.sequential ?? false,
    allocate: options.allocate,
    seed: goalOf(options) ?? false,
    ...(options.select === undefined ? {} : { select: options.select }),
    ...(options.webSeed === undefined ? {} : { webSeeds: options.webSeed }),
    ...(options.timeout === undefined ? {} : { giveUpAfterMs: options.timeout }),
  }
}

/** For the metadata of a magnet link, which is kept where the download goes. */
export function searchOptions(options: GetOptions, peers: readonly PeerAddress[]): MetadataOptions {
  const { useTrackers = true, usePex = true, allowPrivate } = swarmTorrentOptions(options, peers)
  const goesOn = !options.metadataOnly
  return {
    peers,
    useTrackers,
    usePex,
    goesOn,
    ...(allowPrivate === undefined ? {} : { allowPrivate }),
    ...(goesOn && options.output !== STANDARD_OUTPUT ? { keepIn: options.output } : {}),
    ...(options.timeout === undefined ? {} : { giveUpAfterMs: options.timeout }),
  }
}

function goalOf({ seedRatio, seedTime }: GetOptions): TorrentOptions['seed'] {
  return seedGoal(seedRatio, seedTime)
}

const MIB = 1_048_576
