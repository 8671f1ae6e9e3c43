/** What the command line names: what the library takes, or `-` for a .torrent on standard input. */
import { addAbortSignal } from 'node:stream'
import { LIMITS } from '../config.js'
import { MetainfoError } from '../core/errors.js'
import { type LoadedSource, type LoadOptions, loadSource, loadTorrent } from '../discovery/load-torrent.js'

/**
 * The bytes of a .torrent, or a magnet link. Rejects with a SourceError, a MetainfoError or the signal's
 * reason.
 */
export async function readSource(source: string, options: LoadOptions): Promise<LoadedSource> {
  if (source !== '-') return await loadSource(source, options)
  return { content: await readStandardInput(options.signal), reach: 'spelled out' }
}

/**
 * The bytes of a .torrent. Rejects with a SourceError, a MetainfoError (`TOO_LARGE`) or the signal's reason.
 */
export async function readTorrent(source: string, signal?: AbortSignal): Promise<Uint8Array> {
  if (source === '-') return await readStandardInput(signal)
  return await loadTorrent(source, signal === undefined ? {} : { signal })
}

async function readStandardInput(signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (signal !== undefined) addAbortSignal(signal, process.stdin)
  const parts: Buffer[] = []
  let lengthBytes = 0
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    lengthBytes += part.length
    if (lengthBytes > LIMITS.torrentFileBytes) {
      throw new MetainfoError('TOO_LARGE', `a .torrent of more than ${LIMITS.torrentFileBytes} bytes`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}
