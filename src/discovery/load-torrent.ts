/**
 * The bytes of a .torrent from wherever the user says they are. They are not looked into here; what is
 * promised is that they are at most LIMITS.torrentFileBytes, and that nothing endless is read.
 */
import { fileURLToPath } from 'node:url'
import { LIMITS } from '../config.js'
import { MetainfoError, SourceError } from '../core/errors.js'
import { fetchTorrentFile, type LoadOptions } from './fetch-torrent-file.js'
import { readTorrentFile } from './read-torrent-file.js'

export type { LoadOptions }

/**
 * From a path, an http, https or file URL, or the bytes themselves. Rejects with a SourceError, with a
 * MetainfoError (`TOO_LARGE`), or with the signal's reason.
 */
export async function loadTorrent(
  source: string | Uint8Array,
  options: LoadOptions = {},
): Promise<Uint8Array> {
  options.signal?.throwIfAborted()
  if (typeof source !== 'string') return withinLimit(source)
  switch (schemeOf(source)) {
    case 'http':
    case 'https':
      return await fetchTorrentFile(toUrl(source), options)
    case 'file':
      return await readTorrentFile(pathOf(toUrl(source)), options.signal)
    case 'magnet':
      throw new SourceError('UNSUPPORTED_SOURCE', 'magnet links are not supported yet: give a .torrent')
    case undefined:
      return await readPath(source, options.signal)
    default:
      throw new SourceError(
        'UNSUPPORTED_SOURCE',
        `${schemeOf(source)}: is not a kind of source that is supported`,
      )
  }
}

function withinLimit(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= LIMITS.torrentFileBytes) return bytes
  throw new MetainfoError('TOO_LARGE', `a .torrent of more than ${LIMITS.torrentFileBytes} bytes`)
}

/** Lower case. Undefined for a path, and so for `C:\x` and for a file name that holds a colon. */
function schemeOf(source: string): string | undefined {
  if (/^magnet:/i.test(source)) return 'magnet'
  if (/^file:/i.test(source)) return 'file'
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(source)?.[1]?.toLowerCase()
}

function toUrl(source: string): URL {
  if (URL.canParse(source)) return new URL(source)
  throw new SourceError('UNSUPPORTED_SOURCE', 'not a valid URL')
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    throw new SourceError('UNSUPPORTED_SOURCE', (error as Error).message, { cause: error })
  }
}

/** A file may be named like an info hash; only when there is none is an info hash what was meant. */
async function readPath(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    return await readTorrentFile(path, signal)
  } catch (error) {
    const isMissing = error instanceof SourceError && error.code === 'NOT_FOUND'
    if (!isMissing || !INFO_HASH.test(path)) throw error
    throw new SourceError('UNSUPPORTED_SOURCE', 'info hashes are not supported yet: give a .torrent')
  }
}

/** SHA-1 in hex or base32, or SHA-256 in hex. */
const INFO_HASH = /^(?:[0-9a-f]{40}|[a-z2-7]{32}|[0-9a-f]{64})$/i
