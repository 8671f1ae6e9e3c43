/**
 * The bencoded answers of the HTTP tracker, as texts of one character per byte: that is what Node sends
 * with the headers in a single write. Keys are in order, as bencoding wants it.
 */
import { ipText } from '../core/ip-bytes.js'
import type { PeerPicks } from './peer-picks.js'
import type { PeerTable } from './peer-table.js'
import type { SwarmCounts } from './swarm-registry.js'

export interface AnnounceAnswer {
  readonly seeds: number
  readonly leechers: number
  readonly intervalSeconds: number
  readonly minIntervalSeconds: number
  /** The address that the announce came from (BEP 24). */
  readonly externalIp: string
}

/** Peers as compact texts; that of IPv6 may be empty, and is left out then (BEP 23, BEP 7). */
export function compactAnswer(answer: AnnounceAnswer, peers: string, peers6: string): string {
  const ipv6 = peers6 === '' ? '' : `6:peers6${bytesText(peers6)}`
  return `d${commonFields(answer)}5:peers${bytesText(peers)}${ipv6}e`
}

/** Peers as dictionaries (BEP 3), each in its own text. */
export function dictionaryAnswer(answer: AnnounceAnswer, peers: readonly string[]): string {
  return `d${commonFields(answer)}5:peersl${peers.join('')}ee`
}

export function peerDictionary(peers: PeerTable, slot: number, omitsPeerId: boolean): string {
  const endpoint = peers.endpoint(slot)
  const addressBytes = endpoint.length - 2
  const port = (endpoint[addressBytes]! << 8) | endpoint[addressBytes + 1]!
  const id = omitsPeerId ? '' : `7:peer id${bytesText(rawText(peers.peerId(slot)))}`
  return `d2:ip${bytesText(ipText(endpoint.subarray(0, addressBytes)))}${id}4:porti${port}ee`
}

/** The slots of what was picked from a swarm. */
export function pickedSlots(peers: PeerTable, swarm: number, picks: PeerPicks): number[] {
  return Array.from(picks.places.subarray(0, picks.count), (place) => peers.lists.slotAt(swarm, place))
}

export function failureAnswer(reason: string): string {
  return `d14:failure reason${bytesText(reason)}e`
}

/** BEP 48. The info hashes as raw texts. */
export function scrapeAnswer(torrents: ReadonlyMap<string, SwarmCounts>): string {
  const files = [...torrents.keys()].sort().map((infoHash) => {
    const { seeds, completed, leechers } = torrents.get(infoHash)!
    return `20:${infoHash}d8:completei${seeds}e10:downloadedi${completed}e10:incompletei${leechers}ee`
  })
  return `d5:filesd${files.join('')}ee`
}

/** One character per byte. */
export function rawText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function commonFields(answer: AnnounceAnswer): string {
  const { seeds, leechers, intervalSeconds, minIntervalSeconds, externalIp } = answer
  return (
    `8:completei${seeds}e11:external ip${bytesText(externalIp)}10:incompletei${leechers}e` +
    `8:intervali${intervalSeconds}e12:min intervali${minIntervalSeconds}e`
  )
}

function bytesText(text: string): string {
  return `${text.length}:${text}`
}
