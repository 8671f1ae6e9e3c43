/**
 * Reads the bencoded answer of an HTTP tracker (BEP 3; compact peers of BEP 23 and BEP 7). Pure. Trackers are
 * not trusted: numbers are clamped, lists and texts capped, and what makes no sense is left out.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { LIMITS } from '../config.js'
import { asDict, bytesField, integerField, listField } from '../core/bencode/bencode-fields.js'
import type { BencodeDict, BencodeValue } from '../core/bencode/bencode-value.js'
import { decodeBencode } from '../core/bencode/decode-bencode.js'
import { canonicalIpv6, decodeCompactPeers } from '../core/compact-peers.js'
import { TrackerError } from '../core/errors.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { AnnounceAnswer } from './announce.js'
import { announceIntervals } from './announce-intervals.js'
import { readableText } from './readable-text.js'

/**
 * Throws a TrackerError: `REFUSED` with the tracker's own reason (and when to ask again, BEP 31), or
 * `BAD_RESPONSE`.
 */
export function parseAnnounceResponse(body: Uint8Array): AnnounceAnswer {
  const answer = decodeAnswer(body)
  const refusal = bytesField(answer, 'failure reason')
  if (refusal !== undefined) {
    const reason = readableText(refusal) || 'no reason given'
    throw new TrackerError('REFUSED', reason, { retryAfterMs: retryAfterMs(answer) })
  }
  return {
    peers: peersOf(answer),
    ...announceIntervals(integerField(answer, 'interval'), integerField(answer, 'min interval')),
    trackerId: trackerIdOf(answer),
    warning: warningOf(answer),
    seedCount: countField(answer, 'complete'),
    leecherCount: countField(answer, 'incomplete'),
  }
}

/** A list of dictionaries of as many peers as fit into the largest body stays well below. */
const BENCODE_LIMITS = { depth: 10, tokens: 200_000 }

/** What exactly is wrong stays in the cause: its text may quote the tracker's bytes. */
function decodeAnswer(body: Uint8Array): BencodeDict {
  try {
    const answer = asDict(decodeBencode(body, BENCODE_LIMITS))
    if (answer !== undefined) return answer
  } catch (error) {
    throw new TrackerError('BAD_RESPONSE', "not a tracker's answer", { cause: error })
  }
  throw new TrackerError('BAD_RESPONSE', "not a tracker's answer")
}

const LONGEST_RETRY_MINUTES = 24 * 60

function retryAfterMs(answer: BencodeDict): number {
  if (bytesField(answer, 'retry in')?.toString('latin1') === 'never') return Number.POSITIVE_INFINITY
  const minutes = integerField(answer, 'retry in') ?? 0
  return Math.min(LONGEST_RETRY_MINUTES, Math.max(0, minutes)) * 60_000
}

/** IPv4 and IPv6 peers together, at most LIMITS.peersKnown. */
function peersOf(answer: BencodeDict): PeerAddress[] {
  const room = LIMITS.peersKnown
  const compact = bytesField(answer, 'peers')
  const peers = compact ? decodeCompactPeers(compact, 4, room) : listedPeers(listField(answer, 'peers') ?? [])
  const compact6 = bytesField(answer, 'peers6')
  if (compact6 !== undefined) peers.push(...decodeCompactPeers(compact6, 16, room - peers.length))
  return peers
}

/** The form of BEP 3. Hosts may be names there; those are left out, since nobody vouches for them. */
function listedPeers(list: readonly BencodeValue[]): PeerAddress[] {
  const peers: PeerAddress[] = []
  for (const item of list) {
    const peer = asDict(item)
    const host = peer && hostText(bytesField(peer, 'ip'))
    const port = peer && integerField(peer, 'port')
    if (host === undefined || port === undefined || port < 1 || port > 65_535) continue
    if (peers.push({ host, port }) === LIMITS.peersKnown) break
  }
  return peers
}

/** IPv6 in its canonical text, so that a peer is the same whichever form named it. */
function hostText(ip: Buffer | undefined): string | undefined {
  const text = ip?.toString('latin1') ?? ''
  if (isIPv4(text)) return text
  return isIPv6(text) && !text.includes('%') ? canonicalIpv6(text) : undefined
}

const TRACKER_ID_BYTES = 256

/** A copy, lest the whole answer be kept. It goes into the URL of every later announce: an endless one is left out. */
function trackerIdOf(answer: BencodeDict): Uint8Array | undefined {
  const id = bytesField(answer, 'tracker id')
  return id !== undefined && id.length > 0 && id.length <= TRACKER_ID_BYTES ? Uint8Array.from(id) : undefined
}

function warningOf(answer: BencodeDict): string | undefined {
  const warning = bytesField(answer, 'warning message')
  return warning && (readableText(warning) || undefined)
}

function countField(answer: BencodeDict, key: string): number | undefined {
  const count = integerField(answer, key)
  return count !== undefined && count >= 0 ? count : undefined
}
