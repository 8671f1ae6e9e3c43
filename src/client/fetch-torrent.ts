/** The whole of swarmfetch in one call. */
import { StoppedError } from '../core/errors.js'
import { Client } from './client.js'
import type { FetchOptions, MetadataCalls, TorrentSource } from './options.js'
import type { TorrentResult } from './progress.js'
import type { Torrent } from './torrent.js'

const PROGRESS_INTERVAL_MS = 500

/**
 * Downloads one torrent and resolves when every selected byte is verified and on disk. Rejects with a
 * SwarmfetchError (see its kinds); with StoppedError when the signal aborts. Nothing is left open.
 */
export async function fetchTorrent(source: TorrentSource, options: FetchOptions): Promise<TorrentResult> {
  const { signal } = options
  if (isAborted(signal)) throw new StoppedError('stopped before it began')
  const client = new Client(options)
  const stop = () => void client.close()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await follow(await client.add(source, options, metadataCalls(options)), options)
  } catch (error) {
    if (isAborted(signal)) throw new StoppedError('stopped before it was complete', { cause: error })
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
    await client.close()
  }
}

/** Its signal closes the client, which ends the search as well. */
function metadataCalls({ onMetadataProgress }: FetchOptions): MetadataCalls {
  return onMetadataProgress === undefined ? {} : { onMetadataProgress }
}

/** A call, because the compiler holds that a signal which was not aborted once never will be. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

async function follow(torrent: Torrent, options: FetchOptions): Promise<TorrentResult> {
  const { onNotice, onProgress, progressIntervalMs = PROGRESS_INTERVAL_MS } = options
  if (onNotice !== undefined) torrent.onNotice(onNotice)
  if (onProgress === undefined) return await torrent.done
  let timer: NodeJS.Timeout | undefined
  const failed = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        onProgress(torrent.progress())
      } catch (error) {
        reject(error)
      }
    }, progressIntervalMs)
  })
  try {
    return await Promise.race([torrent.done, failed])
  } finally {
    clearInterval(timer)
    onProgress(torrent.progress())
  }
}
