/**
 * The bytes of a .torrent from wherever the user says they are, or the magnet link that stands in for them. The bytes
 * are not looked into here; what is promised is that they are at most LIMITS.torrentFileBytes, and that nothing
 * endless is read.
 */
import { fileURLToPath } from 'node:url'
import { LIMITS } from '../config.js'
import { MetainfoError, SourceError } from '../core/errors.js'
import { type PrivateReach, privateReach } from '../core/private-reach.js'
import { isMagnet, type Magnet, parseMagnet } from '../metainfo/parse-magnet.js'
import { fetchTorrentFile } from './fetch-torrent-file.js'
import { readTorrentFile } from './read-torrent-file.js'

export interface LoadOptions {
  /** A source may lead to private addresses: always or never. The URL itself, when it is not said. */
  readonly allowPrivate?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** For a download, redirects and body included. One minute. */
  readonly timeoutMs?: number | undefined
}

/** What was found where a source is. */
export interface LoadedSource {
  readonly content: Uint8Array | Magnet
  /**
   * Where its URLs may lead on the word of who named the source: nowhere private when a server on the internet has
   * put that word into his mouth; when one at a private address has, to that server's host as well.
   */
  readonly reach: PrivateReach
}

/** As {@link loadSource}, for those who need a .torrent: a magnet link or an info hash is an UNSUPPORTED_SOURCE. */
export async function loadTorrent(
  source: string | Uint8Array,
  options: LoadOptions = {},
): Promise<Uint8Array> {
  const { content } = await loadSource(source, options)
  if (content instanceof Uint8Array) return content
  throw new SourceError('UNSUPPORTED_SOURCE', 'a magnet link or info hash does not do here: give a .torrent')
}

/**
 * From a path, an http, https or file URL, a magnet link, an info hash, or the bytes themselves. Rejects with a
 * SourceError, with a MetainfoError (`TOO_LARGE`, `BAD_MAGNET`, `V2_ONLY`), or with the signal's reason.
 */
export async function loadSource(
  source: string | Uint8Array,
  options: LoadOptions = {},
): Promise<LoadedSource> {
  options.signal?.throwIfAborted()
  const isUrl = typeof source === 'string' && /^https?$/.test(schemeOf(source) ?? '')
  if (!isUrl) return { content: await readNearby(source, options.signal), reach: 'spelled out' }
  const { allowPrivate, ...how } = options
  const url = toUrl(source)
  const named = { named: url.hostname }
  const reach = privateReach(allowPrivate, named)
  const { bytes, isFromPrivate } = await fetchTorrentFile(url, { ...how, reach })
  return { content: bytes, reach: isFromPrivate ? named : 'never' }
}

/** Whatever takes no connection. */
async function readNearby(
  source: string | Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | Magnet> {
  if (typeof source !== 'string') return withinLimit(source)
  switch (schemeOf(source)) {
    case 'file':
      return await readTorrentFile(pathOf(toUrl(source)), signal)
    case 'magnet':
      return parseMagnet(source)
    case undefined:
      return await readPath(source, signal)
    default:
      throw new SourceError(
        'UNSUPPORTED_SOURCE',
        `${schemeOf(source)}: is not a kind of source that is supported`,
      )
  }
}

/** Types are not enough: a program in JavaScript may give anything. */
function withinLimit(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) {
    throw new SourceError('UNSUPPORTED_SOURCE', 'a source is a text or the bytes of a .torrent')
  }
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
async function readPath(path: string, signal: AbortSignal | undefined): Promise<Uint8Array | Magnet> {
  try {
    return await readTorrentFile(path, signal)
  } catch (error) {
    const isMissing = error instanceof SourceError && error.code === 'NOT_FOUND'
    if (!isMissing || !isMagnet(path)) throw error
    return parseMagnet(path)
  }
}
