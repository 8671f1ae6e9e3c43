/**
 * Where a .torrent says that its data can be had: trackers (BEP 3, BEP 12), web seeds (BEP 19) and DHT nodes
 * (BEP 5). Entries that make no sense are left out, since any that does is enough; so is what goes beyond any
 * honest number, lest a .torrent turn its readers on somebody.
 */
import { asBytes, asInteger, asList, listField } from '../core/bencode/bencode-fields.js'
import type { BencodeDict, BencodeValue } from '../core/bencode/bencode-value.js'
import type { NodeAddress } from './metainfo.js'

/** More trackers than any list in use. */
const MAX_TRACKERS = 500
const MAX_WEB_SEEDS = 100
const MAX_NODES = 100

/** What a tracker may speak. Those that nobody here speaks are the announcer's to skip, and good to show. */
const TRACKER_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'udp:', 'ws:', 'wss:'])
const WEB_SEED_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:'])

/** URLs by tier. `announce` counts only when `announce-list` names none (BEP 12). */
export function parseTrackers(torrent: BencodeDict): string[][] {
  const known = new Set<string>()
  const tiers = (listField(torrent, 'announce-list') ?? [])
    .map((tier) => pickUrls(asList(tier) ?? [tier], { schemes: TRACKER_SCHEMES, limit: MAX_TRACKERS, known }))
    .filter((tier) => tier.length > 0)
  if (tiers.length > 0) return tiers
  const announce = pickUrls([torrent.get('announce')], { schemes: TRACKER_SCHEMES, limit: 1, known })
  return announce.length > 0 ? [announce] : []
}

/** `url-list` is one URL or a list of them. */
export function parseWebSeeds(torrent: BencodeDict): string[] {
  const value = torrent.get('url-list')
  const picks = { schemes: WEB_SEED_SCHEMES, limit: MAX_WEB_SEEDS, known: new Set<string>() }
  return pickUrls(asList(value) ?? [value], picks)
}

export function parseNodes(torrent: BencodeDict): NodeAddress[] {
  const entries = listField(torrent, 'nodes') ?? []
  return entries
    .map(parseNode)
    .filter((node) => node !== undefined)
    .slice(0, MAX_NODES)
}

function parseNode(entry: BencodeValue): NodeAddress | undefined {
  const [rawHost, rawPort] = asList(entry) ?? []
  const host = asBytes(rawHost)?.toString('latin1').trim() ?? ''
  const port = asInteger(rawPort) ?? 0
  return HOST.test(host) && port > 0 && port <= 65_535 ? { host, port } : undefined
}

interface UrlPicks {
  readonly schemes: ReadonlySet<string>
  readonly limit: number
  /** Those that were taken already; grows. */
  readonly known: Set<string>
}

function pickUrls(values: readonly (BencodeValue | undefined)[], picks: UrlPicks): string[] {
  const urls: string[] = []
  for (const value of values) {
    if (picks.known.size >= picks.limit) break
    const url = parseUrl(asBytes(value), picks.schemes)
    if (url === undefined || picks.known.has(url)) continue
    picks.known.add(url)
    urls.push(url)
  }
  return urls
}

/** As it was written, unless it holds characters that have no place in a URL: then as a browser reads it. */
function parseUrl(bytes: Buffer | undefined, schemes: ReadonlySet<string>): string | undefined {
  if (bytes === undefined || bytes.length > MAX_URL_BYTES) return undefined
  const text = bytes.toString().trim()
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!schemes.has(url.protocol) || url.hostname === '') return undefined
  return URL_CHARACTERS.test(text) ? text : url.href
}

const MAX_URL_BYTES = 4096
/** All of printable ASCII but the space. */
const URL_CHARACTERS = /^[!-~]+$/
const HOST = /^[\w.:-]{1,253}$/
