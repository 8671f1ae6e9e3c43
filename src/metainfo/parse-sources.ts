/**
 * Where a .torrent says that its data can be had: trackers (BEP 3, BEP 12), web seeds (BEP 19, BEP 17) and DHT
 * nodes (BEP 5). Entries that make no sense are left out, since any that does is enough; so is what goes beyond any
 * honest number, lest a .torrent turn its readers on somebody.
 */
import { asBytes, asInteger, asList, listField } from '../core/bencode/bencode-fields.js'
import type { BencodeDict, BencodeValue } from '../core/bencode/bencode-value.js'
import type { NodeAddress } from './metainfo.js'
import { SourceUrls, TRACKER_SCHEMES, WEB_SCHEMES } from './source-urls.js'

/** More trackers than any list in use. */
const MAX_TRACKERS = 500
const MAX_WEB_SEEDS = 100
const MAX_NODES = 100

/** URLs by tier. `announce` counts only when `announce-list` names none (BEP 12). */
export function parseTrackers(torrent: BencodeDict): string[][] {
  const urls = new SourceUrls(TRACKER_SCHEMES, MAX_TRACKERS)
  const tiers = (listField(torrent, 'announce-list') ?? [])
    .map((tier) => pickUrls(asList(tier) ?? [tier], urls))
    .filter((tier) => tier.length > 0)
  if (tiers.length > 0) return tiers
  const announce = pickUrls([torrent.get('announce')], urls)
  return announce.length > 0 ? [announce] : []
}

/** `url-list` (BEP 19), or `httpseeds` (BEP 17): one URL or a list of them. */
export function parseWebSeeds(torrent: BencodeDict, key: 'url-list' | 'httpseeds'): string[] {
  const value = torrent.get(key)
  return pickUrls(asList(value) ?? [value], new SourceUrls(WEB_SCHEMES, MAX_WEB_SEEDS))
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

/** Too long in bytes is too long in characters as well, and is not worth decoding. */
function pickUrls(values: readonly (BencodeValue | undefined)[], urls: SourceUrls): string[] {
  return values.flatMap((value) => {
    const bytes = asBytes(value)
    return bytes === undefined || bytes.length > MAX_URL_BYTES ? [] : (urls.take(bytes.toString()) ?? [])
  })
}

const MAX_URL_BYTES = 4096
const HOST = /^[\w.:-]{1,253}$/
