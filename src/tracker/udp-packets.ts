/**
 * The packets of UDP trackers (BEP 15) with the path of their URL (BEP 41), as seen by the client. Pure.
 *
 * Answers come from anybody. Whoever reads one here has found that it is from the tracker and to our
 * question; that it is whole and of the right kind is checked here. Extra bytes at an end are let through, as
 * BEP 15 asks.
 */
import { LIMITS } from '../config.js'
import { type AddressBytes, decodeCompactPeers } from '../core/compact-peers.js'
import { TrackerError } from '../core/errors.js'
import type { AnnounceAnswer, AnnounceRequest } from './announce.js'
import { announceIntervals } from './announce-intervals.js'
import { readableText } from './readable-text.js'

/** A tracker's proof that we can be reached at our address; 8 bytes that mean nothing to us. */
export type ConnectionId = Uint8Array

/** A question without its transaction id, which is filled in by whoever sends it. */
export type UdpQuestion = Buffer

/** What a tracker knows of one torrent. */
export interface ScrapeCounts {
  readonly seedCount: number
  /** How many have ever finished it. */
  readonly completedCount: number
  readonly leecherCount: number
}

const CONNECT = 0
const ANNOUNCE = 1
const SCRAPE = 2
const ERROR = 3

/** What every connect begins with. */
const PROTOCOL_ID = 0x41727101980n
/** Action and transaction id, with which every answer begins. */
const ANSWER_HEAD_BYTES = 8
/** Connection id, action and transaction id, with which every question begins. */
const QUESTION_HEAD_BYTES = 16
const TRANSACTION_AT = 12

export function connectQuestion(): UdpQuestion {
  const packet = Buffer.alloc(QUESTION_HEAD_BYTES)
  packet.writeBigUInt64BE(PROTOCOL_ID, 0)
  packet.writeUInt32BE(CONNECT, 8)
  return packet
}

/** The address field stays 0: the tracker sees where we are. */
export function announceQuestion(
  connection: ConnectionId,
  request: AnnounceRequest,
  tracker: URL,
): UdpQuestion {
  const packet = Buffer.alloc(ANNOUNCE_BYTES)
  packet.set(connection, 0)
  packet.writeUInt32BE(ANNOUNCE, 8)
  packet.set(request.infoHash, 16)
  packet.set(request.peerId, 36)
  packet.writeBigUInt64BE(BigInt(request.downloaded), 56)
  packet.writeBigUInt64BE(BigInt(request.left), 64)
  packet.writeBigUInt64BE(BigInt(request.uploaded), 72)
  packet.writeUInt32BE(request.event === undefined ? 0 : EVENTS[request.event], 80)
  packet.writeUInt32BE(Number.parseInt(request.key, 16), 88)
  packet.writeInt32BE(request.numWant, 92)
  packet.writeUInt16BE(request.port, 96)
  return Buffer.concat([packet, urlOptions(tracker)])
}

const ANNOUNCE_BYTES = 98
const EVENTS = { completed: 1, started: 2, stopped: 3 } as const

/** Of at most LIMITS.scrapedTorrents. */
export function scrapeQuestion(connection: ConnectionId, infoHashes: readonly Uint8Array[]): UdpQuestion {
  const head = Buffer.alloc(QUESTION_HEAD_BYTES)
  head.set(connection, 0)
  head.writeUInt32BE(SCRAPE, 8)
  return Buffer.concat([head, ...infoHashes])
}

export function setTransaction(question: UdpQuestion, transaction: number): void {
  question.writeUInt32BE(transaction, TRANSACTION_AT)
}

/** Which question a packet claims to answer. Undefined when it is too short to be an answer. */
export function transactionOf(packet: Buffer): number | undefined {
  return packet.length < ANSWER_HEAD_BYTES ? undefined : packet.readUInt32BE(4)
}

/** Throws a TrackerError, as all readers here: `REFUSED` with the tracker's reason, or `BAD_RESPONSE`. */
export function readConnectAnswer(packet: Buffer): ConnectionId {
  expectAnswer(packet, CONNECT, 16)
  return Uint8Array.from(packet.subarray(8, 16))
}

/** Peers have the form of the address family over which the answer came. */
export function readAnnounceAnswer(packet: Buffer, addressBytes: AddressBytes): AnnounceAnswer {
  expectAnswer(packet, ANNOUNCE, 20)
  return {
    peers: decodeCompactPeers(packet.subarray(20), addressBytes, LIMITS.peersKnown),
    ...announceIntervals(packet.readUInt32BE(8), undefined),
    trackerId: undefined,
    warning: undefined,
    seedCount: packet.readUInt32BE(16),
    leecherCount: packet.readUInt32BE(12),
  }
}

/** In the order asked. */
export function readScrapeAnswer(packet: Buffer, torrentCount: number): ScrapeCounts[] {
  expectAnswer(packet, SCRAPE, ANSWER_HEAD_BYTES + torrentCount * SCRAPED_BYTES)
  return Array.from({ length: torrentCount }, (_, nth) => {
    const at = ANSWER_HEAD_BYTES + nth * SCRAPED_BYTES
    return {
      seedCount: packet.readUInt32BE(at),
      completedCount: packet.readUInt32BE(at + 4),
      leecherCount: packet.readUInt32BE(at + 8),
    }
  })
}

const SCRAPED_BYTES = 12

function expectAnswer(packet: Buffer, action: number, leastBytes: number): void {
  const given = packet.length < ANSWER_HEAD_BYTES ? undefined : packet.readUInt32BE(0)
  if (given === ERROR) {
    throw new TrackerError('REFUSED', readableText(packet.subarray(ANSWER_HEAD_BYTES)) || 'no reason given')
  }
  if (given !== action || packet.length < leastBytes) {
    throw new TrackerError('BAD_RESPONSE', "not a UDP tracker's answer")
  }
}

/** BEP 41: path and query, in parts of at most 255 bytes. A URL without any has nothing to say. */
function urlOptions(tracker: URL): Buffer {
  const text = Buffer.from(tracker.pathname + tracker.search)
  if (text.length === 0 || text.equals(BARE_PATH)) return Buffer.alloc(0)
  const options: Uint8Array[] = []
  for (let at = 0; at < text.length && at < MAX_URL_BYTES; at += PART_BYTES) {
    const part = text.subarray(at, Math.min(at + PART_BYTES, MAX_URL_BYTES))
    options.push(Uint8Array.of(URL_DATA, part.length), part)
  }
  return Buffer.concat(options)
}

const URL_DATA = 2
const PART_BYTES = 255
/** Far beyond any passkey, and still one unfragmented packet. */
const MAX_URL_BYTES = 1024
const BARE_PATH = Buffer.from('/')
