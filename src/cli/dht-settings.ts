/** What the options that concern the DHT mean to a client, and where its nodes are remembered. */
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { ClientOptions } from '../client/options.js'
import { lookUpPeers } from '../discovery/look-up-peers.js'
import type { DhtCommandOptions } from './dht-options.js'
import type { HostPort } from './option-values.js'

/** A command that ends when it is done asks the DHT; one that serves takes its part in it. */
export async function dhtSettings(
  { dht, dhtBootstrap }: DhtCommandOptions,
  { serves }: { readonly serves: boolean },
): Promise<NonNullable<ClientOptions['dht']>> {
  if (!dht) return false
  const nodesFile = nodesPath(dhtBootstrap)
  return {
    readOnly: !serves,
    ...(dhtBootstrap === undefined ? {} : { bootstrap: await lookUpPeers(dhtBootstrap, 'always') }),
    ...(nodesFile === undefined ? {} : { nodesFile }),
  }
}

/** Who begins elsewhere may be in another DHT, whose nodes are remembered apart. Undefined without a home. */
function nodesPath(bootstrap: readonly HostPort[] | undefined): string | undefined {
  const folder = cacheFolder()
  if (folder === undefined || bootstrap === undefined) return folder && join(folder, 'dht-nodes.json')
  const names = bootstrap.map(({ host, port }) => `${host}:${port}`).sort()
  const digest = createHash('sha256').update(names.join(' ')).digest('hex').slice(0, 12)
  return join(folder, `dht-nodes-${digest}.json`)
}

/** `$XDG_CACHE_HOME/swarmfetch`, or `~/.cache/swarmfetch`. */
function cacheFolder(): string | undefined {
  const named = process.env.XDG_CACHE_HOME
  if (named !== undefined && isAbsolute(named)) return join(named, 'swarmfetch')
  try {
    return join(homedir(), '.cache', 'swarmfetch')
  } catch {
    return undefined
  }
}
