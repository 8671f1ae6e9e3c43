/** The options of `tracker`: how they are declared, and what they mean to the server. */
import { type Command, InvalidArgumentError } from 'commander'
import type { TrackerServerOptions } from '../tracker-server/tracker-options.js'
import { repeated, wholeNumber } from './option-values.js'

export interface TrackerOptions {
  readonly port?: number
  readonly host?: readonly string[]
  readonly interval?: number
  readonly maxPeers?: number
  readonly maxTorrents?: number
  readonly allow?: string
  readonly deny?: string
  readonly catalogue?: string
  readonly writeToken?: string
  readonly state?: string
  readonly trustedProxy?: readonly string[]
  readonly allowPrivateNetworks?: boolean
  readonly workers?: number
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Arguments can be read by everybody on the machine; the environment cannot. */
const TOKEN_VARIABLE = 'SWARMFETCH_WRITE_TOKEN'

export function addTrackerOptions(command: Command): Command {
  return command
    .option('--port <n>', 'for HTTP and UDP alike; 0 for any that is free (6969)', wholeNumber(0, 65_535))
    .option('--host <address>', 'listen here only (all addresses; repeatable)', repeated(String))
    .option('--interval <seconds>', 'how often peers should announce (1800)', wholeNumber(10, 86_400))
    .option('--max-peers <n>', 'who announced longest ago makes room (2000000)', wholeNumber(1, 50_000_000))
    .option('--max-torrents <n>', 'likewise for swarms (500000)', wholeNumber(1, 10_000_000))
    .option('--allow <file>', 'serve only these info hashes, one a line, and the catalogue', path)
    .option('--deny <file>', 'do not serve these info hashes', path)
    .option('--catalogue <dir>', 'keep and hand out .torrent files in this folder', path)
    .option('--write-token <token>', `who sends it may change the catalogue (${TOKEN_VARIABLE})`)
    .option('--state <file>', 'keep the swarms here over a restart', path)
    .option('--trusted-proxy <cidr>', 'believe its X-Forwarded-For (repeatable)', repeated(String))
    .option('--allow-private-networks', 'peers on private networks may name their address (ip=)')
    .option(
      '--workers <n>',
      'processes that share the work, when UDP keeps a core busy (1)',
      wholeNumber(1, 64),
    )
    .option('--json', 'one JSON object on standard output when it listens')
    .option('--quiet', 'no output, only errors')
}

export function toServerOptions(
  options: TrackerOptions,
  onNotice: (text: string) => void,
): TrackerServerOptions {
  return {
    port: options.port,
    hosts: options.host,
    intervalSeconds: options.interval,
    maxPeers: options.maxPeers,
    maxTorrents: options.maxTorrents,
    allowFile: options.allow,
    denyFile: options.deny,
    catalogue: options.catalogue,
    writeToken: options.writeToken ?? process.env[TOKEN_VARIABLE],
    stateFile: options.state,
    trustedProxies: options.trustedProxy,
    privateMayName: options.allowPrivateNetworks,
    workers: options.workers,
    onNotice,
  }
}

function path(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must be a path.')
  return text
}
