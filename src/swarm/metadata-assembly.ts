/**
 * Decides which peer is asked for which piece of an info dict (BEP 9), and finds out who lies. Pure.
 *
 * Only the whole can be checked against the info hash. What several peers put together and does not match
 * proves nothing against any of them: from then on each fills a draft of its own, and a draft of one peer
 * that does not match convicts it. Lengths are claims as well, so each length has its own drafts; their
 * number is bounded, and so is memory. When others wait for a place, the draft with the fewest peers has had
 * its turn.
 */
import { createHash } from 'node:crypto'
import { LIMITS } from '../config.js'
import { PeerError } from '../core/errors.js'
import { MetadataDraft } from './metadata-draft.js'

const MOST_DRAFTS = 4
/** How long a draft keeps others waiting. */
const TURN_MS = 30_000
/** Pieces asked of one peer at a time: 128 KiB, a round trip of a good line. */
const PIPELINED = 8
const REQUEST_MS = 15_000
/** After a refusal: the peer may be out of its own allowance. */
const PAUSE_MS = 1_000
/** Without a piece in between. */
const MOST_REFUSALS = 40

/** One peer that claims to have the info dict. */
interface Standing {
  readonly metadataBytes: number
  draft: MetadataDraft<object> | undefined
  /** When each piece was asked for that has not come, for this draft or an earlier one of the same length. */
  readonly askedMs: Map<number, number>
  pausedUntilMs: number
  refusalCount: number
}

/** Peers are told apart by the objects that stand for them. */
export class MetadataAssembly<Peer extends object> {
  readonly #infoHash: Uint8Array
  readonly #standings = new Map<Peer, Standing>()
  readonly #drafts = new Set<MetadataDraft<object>>()
  /** Lengths for which a draft of several peers came out wrong. */
  readonly #poisonedLengths = new Set<number>()
  #receivedBytes = 0

  constructor(infoHash: Uint8Array) {
    this.#infoHash = infoHash
  }

  /** What came in, right or wrong. */
  get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Peers that claim to have it. */
  get peerCount(): number {
    return this.#standings.size
  }

  /**
   * The peer claims to have an info dict of that length. Throws PeerError BAD_MESSAGE for one beyond the
   * limit.
   */
  join(peer: Peer, metadataBytes: number): void {
    if (metadataBytes > LIMITS.metadataBytes) {
      throw new PeerError('BAD_MESSAGE', `metadata of ${metadataBytes} bytes`)
    }
    if (this.#standings.get(peer)?.metadataBytes === metadataBytes) return
    this.leave(peer)
    const askedMs = new Map<number, number>()
    const standing = { metadataBytes, draft: undefined, askedMs, pausedUntilMs: 0, refusalCount: 0 }
    this.#standings.set(peer, standing)
  }

  leave(peer: Peer): void {
    const standing = this.#standings.get(peer)
    if (standing === undefined) return
    this.#standings.delete(peer)
    for (const piece of standing.askedMs.keys()) standing.draft?.release(peer, piece)
    if (standing.draft !== undefined && this.#peersOf(standing.draft) === 0) this.#drop(standing.draft)
  }

  /** The pieces to ask this peer for now. */
  ask(peer: Peer, nowMs: number): number[] {
    const standing = this.#standings.get(peer)
    if (standing === undefined || nowMs < standing.pausedUntilMs) return []
    standing.draft ??= this.#findDraft(peer, standing.metadataBytes, nowMs)
    const pieces: number[] = []
    while (standing.draft !== undefined && standing.askedMs.size < PIPELINED) {
      const piece = standing.draft.ask(peer, standing.askedMs)
      if (piece === undefined) break
      standing.askedMs.set(piece, nowMs)
      pieces.push(piece)
    }
    return pieces
  }

  /**
   * A piece has come; its bytes are copied. Gives the info dict when that makes it complete and right. Throws
   * PeerError when the peer was not asked for it, when it has the wrong length, and when all came from this
   * peer and is wrong.
   */
  take(peer: Peer, piece: number, bytes: Uint8Array): Uint8Array | undefined {
    const standing = this.#standings.get(peer)
    if (standing === undefined || !standing.askedMs.delete(piece)) {
      throw new PeerError('UNWANTED_BLOCKS', `metadata piece ${piece}, which it was not asked for`)
    }
    const { draft } = standing
    if (draft === undefined) return undefined
    if (bytes.length !== draft.pieceBytes(piece)) {
      throw new PeerError('BAD_MESSAGE', `a metadata piece of ${bytes.length} bytes`)
    }
    standing.refusalCount = 0
    this.#receivedBytes += bytes.length
    draft.put(peer, piece, bytes)
    return draft.isComplete ? this.#check(draft) : undefined
  }

  /** The peer will not send it. Throws PeerError USELESS when that has come too often. */
  refused(peer: Peer, piece: number, nowMs: number): void {
    const standing = this.#standings.get(peer)
    if (standing === undefined || !standing.askedMs.delete(piece)) return
    standing.draft?.release(peer, piece)
    if (++standing.refusalCount >= MOST_REFUSALS) {
      throw new PeerError('USELESS', 'it refuses to send its metadata')
    }
    standing.pausedUntilMs = nowMs + PAUSE_MS
  }

  /** It has not sent what it was asked for. */
  isStalled(peer: Peer, nowMs: number): boolean {
    const [oldestMs] = this.#standings.get(peer)?.askedMs.values() ?? []
    return oldestMs !== undefined && nowMs - oldestMs > REQUEST_MS
  }

  #check(draft: MetadataDraft<object>): Uint8Array | undefined {
    const whole = draft.assemble()
    this.#drop(draft)
    if (createHash('sha1').update(whole).digest().equals(this.#infoHash)) return whole
    if (draft.contributors.size === 1)
      throw new PeerError('CORRUPT_PIECE', 'its metadata is not what it says')
    this.#poisonedLengths.add(draft.metadataBytes)
    return undefined
  }

  #findDraft(peer: Peer, metadataBytes: number, nowMs: number): MetadataDraft<object> | undefined {
    const owner = this.#poisonedLengths.has(metadataBytes) ? peer : undefined
    for (const draft of this.#drafts) {
      if (draft.metadataBytes === metadataBytes && draft.owner === owner) return draft
    }
    if (this.#drafts.size >= MOST_DRAFTS && !this.#makePlace(nowMs)) return undefined
    const draft = new MetadataDraft<object>(metadataBytes, owner, nowMs)
    this.#drafts.add(draft)
    return draft
  }

  #makePlace(nowMs: number): boolean {
    let weakest: MetadataDraft<object> | undefined
    for (const draft of this.#drafts) {
      if (nowMs - draft.begunMs < TURN_MS) continue
      if (weakest === undefined || this.#peersOf(draft) < this.#peersOf(weakest)) weakest = draft
    }
    if (weakest !== undefined) this.#drop(weakest)
    return weakest !== undefined
  }

  /** Its peers go on in another. What they still send for this one is let pass. */
  #drop(draft: MetadataDraft<object>): void {
    this.#drafts.delete(draft)
    for (const standing of this.#standings.values()) {
      if (standing.draft === draft) standing.draft = undefined
    }
  }

  #peersOf(draft: MetadataDraft<object>): number {
    let count = 0
    for (const standing of this.#standings.values()) if (standing.draft === draft) count++
    return count
  }
}
