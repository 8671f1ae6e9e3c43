/**
 * Which pieces one peer has, as it says with its messages (BEP 3, BEP 6, BEP 54), and what follows for the picker's
 * availability and for how many missing pieces it has.
 */
import { Bitfield } from '../core/bitfield.js'
import { PeerError } from '../core/errors.js'
import type { PieceIndex } from '../core/geometry.js'
import type { DownloadPeer } from '../swarm/download-peer.js'
import type { PiecePicker } from '../swarm/piece-picker.js'

export interface PeerPiecesHost {
  readonly pieceCount: number
  readonly picker: Pick<PiecePicker, 'peerHas' | 'peerLost'>
  /** The piece is selected and not on disk. */
  isMissing(index: number): boolean
}

/** It is for the start of a session (BEP 6). */
const MOST_LATE = 10

export class PeerPieces {
  /** Missing pieces that the peer has. */
  missingCount = 0
  readonly #host: PeerPiecesHost
  readonly #peer: DownloadPeer
  /** Its pieces count in the picker's availability: it did not have everything from the start. */
  #isCounted = true
  #hasSaid = false
  /** How often it had everything after it had said otherwise. */
  #lateCount = 0

  constructor(host: PeerPiecesHost, peer: DownloadPeer) {
    this.#host = host
    this.#peer = peer
  }

  /** False when that was known already. Throws PeerError UNKNOWN_PIECE. */
  add(raw: number): boolean {
    const index = this.#toIndex(raw)
    this.#hasSaid = true
    if (!this.#peer.has.set(index)) return false
    if (this.#isCounted) this.#host.picker.peerHas(index)
    if (!this.#host.isMissing(index)) return true
    this.missingCount++
    this.#peer.idleAtVersion = -1
    return true
  }

  /** Throws PeerError BAD_MESSAGE when the field has the wrong size. */
  addField(bytes: Uint8Array): void {
    const field = Bitfield.fromWire(bytes, this.#host.pieceCount)
    if (field === undefined) throw new PeerError('BAD_MESSAGE', 'a bitfield of the wrong size')
    if (this.#hasSaid) this.#addMore(field)
    else this.#begin(field)
  }

  /**
   * Five bytes that come again and again are not to cost a look at all pieces: nothing happens when that is known.
   * Throws PeerError FLOODING when the peer has lost pieces in between too often.
   */
  addAll(): void {
    if (this.#peer.has.isFull) return
    if (this.#hasSaid && ++this.#lateCount > MOST_LATE)
      throw new PeerError('FLOODING', 'everything, time and again')
    const field = new Bitfield(this.#host.pieceCount)
    field.setAll()
    if (this.#hasSaid) this.#addMore(field)
    else this.#begin(field)
  }

  /** Throws PeerError BAD_MESSAGE when it has said otherwise before. */
  addNone(): void {
    if (this.#peer.has.count > 0) throw new PeerError('BAD_MESSAGE', 'pieces, and then none')
    this.#hasSaid = true
  }

  /** It has lost the piece (BEP 54). False when it had not said that it has it. Throws PeerError UNKNOWN_PIECE. */
  lose(raw: number): boolean {
    const index = this.#toIndex(raw)
    if (!this.#peer.has.has(index)) return false
    if (!this.#isCounted) this.#each((other) => this.#host.picker.peerHas(other))
    this.#isCounted = true
    this.#peer.has.clear(index)
    this.#host.picker.peerLost(index)
    if (this.#host.isMissing(index)) this.missingCount--
    return true
  }

  /** The peer has left. */
  end(): void {
    if (this.#isCounted) this.#each((index) => this.#host.picker.peerLost(index))
  }

  #begin(field: Bitfield): void {
    this.#hasSaid = true
    this.#isCounted = !field.isFull
    this.#peer.has.assign(field)
    this.#each((index) => {
      if (this.#isCounted) this.#host.picker.peerHas(index)
      if (this.#host.isMissing(index)) this.missingCount++
    })
    this.#peer.idleAtVersion = -1
  }

  /** aria2 sends a bitfield in the place of many `have`. What had been said before stays true. */
  #addMore(field: Bitfield): void {
    const known = this.#peer.has.bytes
    eachIndex(field.bytes.length, (at) => field.bytes[at]! & ~known[at]!, this.add.bind(this))
  }

  #toIndex(raw: number): PieceIndex {
    if (raw < this.#host.pieceCount) return raw as PieceIndex
    throw new PeerError('UNKNOWN_PIECE', `there is no piece ${raw}`)
  }

  #each(visit: (index: PieceIndex) => void): void {
    const { bytes } = this.#peer.has
    eachIndex(bytes.length, (at) => bytes[at]!, visit)
  }
}

/** Those whose bit is set. Most peers that come and go have said nothing yet: empty bytes cost next to nothing. */
function eachIndex(
  byteCount: number,
  byteAt: (at: number) => number,
  visit: (index: PieceIndex) => void,
): void {
  for (let at = 0; at < byteCount; at++) {
    const byte = byteAt(at)
    for (let bit = 0; byte !== 0 && bit < 8; bit++) {
      if ((byte & (0x80 >> bit)) !== 0) visit((8 * at + bit) as PieceIndex)
    }
  }
}
