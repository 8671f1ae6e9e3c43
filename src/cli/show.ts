/** `swarmfetch show`: what is in a .torrent, or in what a magnet link or an info hash stands for. */
import type { MetadataProgress } from '../client/progress.js'
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

/** Rejects with a SourceError, a MetainfoError, a GaveUpError, or a StoppedError. */
export async function show(source: string, options: ShowOptions): Promise<ExitCode> {
  const { content } = await readSource(source, { allowPrivate: options.allowPrivate })
  const metainfo = content instanceof Uint8Array ? parseMetainfo(content) : await askPeers(source, options)
  printOutput(options.json ? JSON.stringify(describeMetainfo(metainfo)) : metainfoText(metainfo))
  return EXIT.done
}

/** The download engine, and what shows how far it is, are loaded for this only. */
async function askPeers(source: string, options: ShowOptions): Promise<Metainfo> {
  const { json = false, peer = [], trackers, pex, lsd, encryption, allowPrivate, timeout } = options
  const { Client } = await import('../client/client.js')
  const { displaySearches } = await import('./search-display.js')
  const peers = await resolvePeers(peer)
  const client = new Client({ lsd, encryption, dht: await dhtSettings(options, { serves: false }) })
  const search = {
    peers,
    useTrackers: trackers,
    usePex: pex,
    ...(timeout === undefined ? {} : { giveUpAfterMs: timeout }),
    ...(allowPrivate === undefined ? {} : { allowPrivate }),
  }
  return await displaySearches({ quiet: json }, async (calls) => {
    const onMetadataProgress = (progress: MetadataProgress) => calls.show(source, progress)
    try {
      const { signal } = calls
      return (await client.fetchMetadata(source, { ...search, signal, onMetadataProgress })).metainfo
    } finally {
      await client.close()
    }
  })
}
