/**
 * One attempt to put an info dict together, for one length that peers claim (BEP 9). Pure. It keeps who sent
 * each piece, because only all of them together can be checked.
 */
import { metadataPieceBytes, metadataPieceCount } from '../wire/metadata-messages.js'

/** So many peers may be asked for one piece, so that a silent one holds nobody up. */
const MOST_ASKED = 3

export class MetadataDraft<Peer> {
  readonly metadataBytes: number
  /** The only peer that may add to it; undefined: all that claim this length. */
  readonly owner: Peer | undefined
  readonly begunMs: number
  readonly #pieces: (Uint8Array | undefined)[]
  readonly #contributors = new Set<Peer>()
  /** Who has been asked for each piece that is missing. */
  readonly #asked: Set<Peer>[]
  #missingCount: number

  constructor(metadataBytes: number, owner: Peer | undefined, nowMs: number) {
    this.metadataBytes = metadataBytes
    this.owner = owner
    this.begunMs = nowMs
    this.#missingCount = metadataPieceCount(metadataBytes)
    this.#pieces = new Array(this.#missingCount).fill(undefined)
    this.#asked = Array.from(this.#pieces, () => new Set())
  }

  get isComplete(): boolean {
    return this.#missingCount === 0
  }

  get contributors(): ReadonlySet<Peer> {
    return this.#contributors
  }

  /**
   * The piece that the fewest have been asked for, but none of `busy`. It counts as asked of this peer from
   * here on.
   */
  ask(peer: Peer, busy: ReadonlyMap<number, unknown>): number | undefined {
    let best: number | undefined
    for (let piece = 0; piece < this.#pieces.length; piece++) {
      const asked = this.#asked[piece]!
      if (this.#pieces[piece] !== undefined || asked.size >= MOST_ASKED || asked.has(peer) || busy.has(piece))
        continue
      if (best === undefined || asked.size < this.#asked[best]!.size) best = piece
      if (asked.size === 0) break
    }
    if (best !== undefined) this.#asked[best]!.add(peer)
    return best
  }

  /** The peer will not send it. */
  release(peer: Peer, piece: number): void {
    this.#asked[piece]?.delete(peer)
  }

  /** How long that piece has to be, in bytes. */
  pieceBytes(piece: number): number {
    return metadataPieceBytes(this.metadataBytes, piece)
  }

  /** Keeps a copy, unless the piece is there already: the message that the bytes came in may be much longer. */
  put(peer: Peer, piece: number, bytes: Uint8Array): void {
    if (this.#pieces[piece] !== undefined) return
    this.#pieces[piece] = Uint8Array.from(bytes)
    this.#missingCount--
    this.#contributors.add(peer)
  }

  /** All of it, once it is complete. */
  assemble(): Uint8Array {
    const whole = new Uint8Array(this.metadataBytes)
    let at = 0
    for (const piece of this.#pieces) {
      whole.set(piece!, at)
      at += piece!.length
    }
    return whole
  }
}
