/** `swarmfetch show`: what is in a .torrent, or in what a magnet link or an info hash stands for. */
import { describeMetainfo } from '../metainfo/describe-metainfo.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { parseMetainfo } from '../metainfo/parse-metainfo.js'
import type { Encryption } from '../swarm/encryption.js'
import type { DhtCommandOptions } from './dht-options.js'
import { dhtSettings } from './dht-settings.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import type { HostPort } from './option-values.js'
import { readSource } from './read-source.js'
import { resolvePeers } from './resolve-peers.js'
import { metainfoText } from './show-text.js'
import { printOutput } from './standard-streams.js'

export interface ShowOptions extends DhtCommandOptions {
  readonly json?: boolean
  readonly peer?: readonly HostPort[]
  readonly trackers: boolean
  readonly allowPrivate?: true
  readonly encryption: Encryption
  readonly lsd: boolean
  readonly pex: boolean
  /** In milliseconds. */
  readonly timeout?: number
}

/** Rejects with a SourceError, a MetainfoError, or a GaveUpError. */
export async function show(source: string, options: ShowOptions): Promise<ExitCode> {
  const { content } = await readSource(source, { allowPrivate: options.allowPrivate })
  const metainfo = content instanceof Uint8Array ? parseMetainfo(content) : await askPeers(source, options)
  printOutput(options.json ? JSON.stringify(describeMetainfo(metainfo)) : metainfoText(metainfo))
  return EXIT.done
}

/** The download engine is loaded for this only. */
async function askPeers(source: string, options: ShowOptions): Promise<Metainfo> {
  const { peer = [], trackers, pex, lsd, encryption, allowPrivate, timeout } = options
  const { Client } = await import('../client/client.js')
  const peers = await resolvePeers(peer)
  const client = new Client({ lsd, encryption, dht: await dhtSettings(options, { serves: false }) })
  try {
    const { metainfo } = await client.fetchMetadata(source, {
      peers,
      useTrackers: trackers,
      usePex: pex,
      ...(timeout === undefined ? {} : { giveUpAfterMs: timeout }),
      ...(allowPrivate === undefined ? {} : { allowPrivate }),
    })
    return metainfo
  } finally {
    await client.close()
  }
}
