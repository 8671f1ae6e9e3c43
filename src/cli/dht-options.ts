/** The options of `get`, `seed` and `show` that concern the DHT: how they are declared. */
import type { Command } from 'commander'
import { type HostPort, nodeHostPort, repeated } from './option-values.js'

export interface DhtCommandOptions {
  readonly dht: boolean
  readonly dhtBootstrap?: readonly HostPort[]
}

export function addDhtOptions(command: Command): Command {
  return command
    .option('--no-dht', 'find no peers in the DHT, and do not announce there')
    .option(
      '--dht-bootstrap <host:port>',
      'begin with this node of the DHT instead of the usual ones (repeatable)',
      repeated(nodeHostPort),
    )
}
