/**
 * `swarmfetch get --metadata-only`: writes the .torrent of each source, and fetches nothing of what it names.
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Client } from '../client/client.js'
import type { MetadataOptions } from '../client/options.js'
import type { MetadataProgress } from '../client/progress.js'
import { OptionError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { wrapInfo } from '../metainfo/wrap-info.js'
import { storageError } from '../storage/disk-errors.js'
import { writeNewFile } from '../storage/write-new-file.js'
import { dhtSettings } from './dht-settings.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { reportFailure } from './failure.js'
import { clientOptions, type GetOptions, searchOptions } from './get-options.js'
import { displaySearches, type SearchCalls } from './search-display.js'
import { printOutput, STANDARD_OUTPUT, writeOutput } from './standard-streams.js'
import { toPlainText } from './terminal-text.js'

/** Several are looked for side by side; the exit code is that of the first failure. Rejects for no source. */
export async function getMetadata(
  sources: readonly string[],
  options: GetOptions,
  peers: readonly PeerAddress[],
): Promise<ExitCode> {
  const dht = await dhtSettings(options, { serves: false })
  const client = new Client({ ...clientOptions(options), dht })
  const search = searchOptions(options, peers)
  return await displaySearches(options, async (calls) => {
    const job = { client, search, options, calls }
    try {
      const codes = await Promise.all(sources.map((source) => getOne(source, job)))
      return codes.find((code) => code !== EXIT.done) ?? EXIT.done
    } finally {
      await client.close()
    }
  })
}

interface MetadataJob {
  readonly client: Client
  readonly search: MetadataOptions
  readonly options: GetOptions
  readonly calls: SearchCalls
}

async function getOne(source: string, job: MetadataJob): Promise<ExitCode> {
  const { json, quiet, output } = job.options
  try {
    const metainfo = await find(source, job)
    if (output === STANDARD_OUTPUT) {
      await writeOutput(wrapInfo(metainfo))
      return EXIT.done
    }
    const path = await save(metainfo, output)
    const { infoHash, name } = metainfo
    if (json)
      printOutput(JSON.stringify({ event: 'metadataSaved', source, infoHash: infoHash.hex, name, path }))
    else if (!quiet) printOutput(toPlainText(path))
    return EXIT.done
  } catch (error) {
    return reportFailure(error, { subject: source, isJson: json, isEvent: true })
  }
}

async function find(source: string, { client, search, calls }: MetadataJob): Promise<Metainfo> {
  const onMetadataProgress = (progress: MetadataProgress) => calls.show(source, progress)
  try {
    const found = await client.fetchMetadata(source, { ...search, signal: calls.signal, onMetadataProgress })
    return found.metainfo
  } finally {
    calls.hide(source)
  }
}

/** The path of the file. */
async function save(metainfo: Metainfo, folder: string): Promise<string> {
  const path = resolve(join(folder, `${metainfo.name}.torrent`))
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw storageError(error, folder)
  })
  const isWritten = await writeNewFile(path, wrapInfo(metainfo), { overwrite: false })
  if (!isWritten) throw new OptionError('OUTPUT_EXISTS', `${path} is there already`)
  return path
}
