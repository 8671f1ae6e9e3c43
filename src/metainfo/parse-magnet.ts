/**
 * Magnet links (BEP 9, with the file selection of BEP 53) and bare info hashes: what names a torrent without
 * describing it. Pure. Whoever wrote a link may be hostile: lengths and counts are bounded, and what makes no
 * sense is left out, but for the info hash.
 */
import { decodePercent } from '../core/decode-percent.js'
import { MetainfoError } from '../core/errors.js'
import { decodeInfoHash, isV2InfoHash } from './decode-info-hash.js'
import { printable } from './decode-text.js'
import type { InfoHash, NodeAddress } from './metainfo.js'
import { SourceUrls, TRACKER_SCHEMES, WEB_SCHEMES } from './source-urls.js'

export interface Magnet {
  readonly infoHash: InfoHash
  /** What the link calls the torrent (`dn`), for people. */
  readonly name: string | undefined
  /** Tracker URLs (`tr`), each a tier of its own, so that none waits for another. */
  readonly trackers: readonly (readonly string[])[]
  /** `ws`: http and https only. */
  readonly webSeeds: readonly string[]
  /** Where the .torrent itself may be had (`xs`, `as`): http and https only. */
  readonly torrentUrls: readonly string[]
  /** `x.pe`: hosts may be names. */
  readonly peers: readonly NodeAddress[]
  /** `so`: ranges of file numbers, both ends included; undefined when all files are meant. */
  readonly files: readonly FileRange[] | undefined
}

export interface FileRange {
  readonly first: number
  readonly last: number
}

/** Longer than any link with hundreds of trackers. */
const MOST_CHARACTERS = 100_000
const MOST_PARAMETERS = 2_000
const MOST_NAME_CHARACTERS = 1_000
const MOST_TRACKERS = 500
const MOST_WEB_SEEDS = 100
const MOST_TORRENT_URLS = 10
const MOST_PEERS = 100
const MOST_FILE_RANGES = 10_000

/** True for what {@link parseMagnet} is to be asked: a magnet link, or what can only be an info hash. */
export function isMagnet(source: string): boolean {
  return MAGNET.test(source) || decodeInfoHash(source) !== undefined || isV2InfoHash(source)
}

/**
 * Throws MetainfoError: `V2_ONLY` when there is only an info hash of BitTorrent v2 (BEP 52), `BAD_MAGNET`
 * when there is none, or two.
 */
export function parseMagnet(source: string): Magnet {
  if (source.length > MOST_CHARACTERS) throw bad(`${source.length} characters are too many for a magnet link`)
  if (MAGNET.test(source)) return readLink(parameters(source))
  return readLink([['xt', `urn:${isV2InfoHash(source) ? 'btmh' : 'btih'}:${source}`]])
}

const MAGNET = /^magnet:/i

type Parameter = readonly [key: string, value: string]

/**
 * Keys in lower case and without the `.1` that may number them. Not by URLSearchParams, which would make a
 * space of every `+` in a URL.
 */
function parameters(link: string): Parameter[] {
  const query = link.slice(link.indexOf(':') + 1).replace(/^[^?]*\?/, '')
  const parts = query.split('&', MOST_PARAMETERS + 1)
  if (parts.length > MOST_PARAMETERS) throw bad('a magnet link with too many parameters')
  return parts.map((part) => {
    const equals = part.indexOf('=')
    const key = equals < 0 ? part : part.slice(0, equals)
    return [key.toLowerCase().replace(/\.\d+$/, ''), equals < 0 ? '' : decodePercent(part.slice(equals + 1))]
  })
}

function readLink(link: readonly Parameter[]): Magnet {
  const all = (...keys: string[]) => link.filter(([key]) => keys.includes(key)).map(([, value]) => value)
  const urls = (schemes: ReadonlySet<string>, most: number, values: readonly string[]) => {
    const found = new SourceUrls(schemes, most)
    return values.filter((value) => !/^urn:/i.test(value)).flatMap((value) => found.take(value) ?? [])
  }
  return {
    infoHash: readInfoHash(all('xt')),
    name: readName(all('dn')[0]),
    trackers: urls(TRACKER_SCHEMES, MOST_TRACKERS, all('tr')).map((url) => [url]),
    webSeeds: urls(WEB_SCHEMES, MOST_WEB_SEEDS, all('ws')),
    torrentUrls: urls(WEB_SCHEMES, MOST_TORRENT_URLS, all('xs', 'as')),
    peers: all('x.pe').flatMap(readPeer).slice(0, MOST_PEERS),
    files: readRanges(all('so')),
  }
}

/**
 * Links may name several: of both versions for a hybrid, or of other networks. Two torrents are no torrent.
 */
function readInfoHash(topics: readonly string[]): InfoHash {
  const found = new Map<string, InfoHash>()
  for (const topic of topics) {
    const text = /^urn:btih:(.*)$/is.exec(topic)?.[1]
    if (text === undefined) continue
    const infoHash = decodeInfoHash(text)
    if (infoHash === undefined) throw bad('an info hash that is neither 40 hex digits nor 32 of base32')
    found.set(infoHash.hex, infoHash)
  }
  const [infoHash, other] = found.values()
  if (other !== undefined) throw bad('a magnet link with two info hashes')
  if (infoHash !== undefined) return infoHash
  if (!topics.some((topic) => /^urn:btmh:/i.test(topic))) throw bad('a magnet link without an info hash')
  const detail = 'a BitTorrent v2 info hash (BEP 52): only v1 and hybrid torrents are supported'
  throw new MetainfoError('V2_ONLY', detail)
}

function readName(raw: string | undefined): string | undefined {
  const name = raw && printable(raw.replaceAll('+', ' ')).slice(0, MOST_NAME_CHARACTERS).trim()
  return name === '' ? undefined : name
}

/** `host:port`, an IPv6 address in brackets. */
function readPeer(text: string): NodeAddress[] {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([\w.-]{1,253})):(\d{1,5})$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host !== undefined && port > 0 && port <= 65_535 ? [{ host, port }] : []
}

/** BEP 53: `0,2,6-8`. */
function readRanges(values: readonly string[]): FileRange[] | undefined {
  const ranges: FileRange[] = []
  for (const part of values.join(',').split(',', MOST_FILE_RANGES)) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim())
    if (match === null) continue
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (first <= last) ranges.push({ first, last })
  }
  return ranges.length > 0 ? ranges : undefined
}

function bad(detail: string): MetainfoError {
  return new MetainfoError('BAD_MAGNET', detail)
}
