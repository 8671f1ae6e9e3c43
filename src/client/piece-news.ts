/**
 * Tells peers which pieces we have: all at once when they come (BEP 3, BEP 6), and what is stored since at
 * each tick.
 */
import type { PieceIndex } from '../core/geometry.js'
import { encodeBitfield, encodeHaves, HAVE_ALL, HAVE_NONE } from '../wire/encode-messages.js'
import type { Connection } from './connection.js'
import type { OfferedPieces } from './offered-pieces.js'

export class PieceNews {
  readonly #offered: OfferedPieces | undefined
  /** Pieces that peers have not been told of yet. */
  #untold: PieceIndex[] = []

  /** Nothing is offered when there is nothing that could be read again. */
  constructor(offered: OfferedPieces | undefined) {
    this.#offered = offered
  }

  /** The first message to a peer. Those that speak the fast extension want one in any case. */
  begin({ session, isFast }: Connection): void {
    const offered = this.#offered?.toField()
    if (isFast && (offered === undefined || offered.count === 0)) session.send(HAVE_NONE)
    else if (isFast && offered?.isFull === true) session.send(HAVE_ALL)
    else if (offered !== undefined && offered.count > 0) session.send(encodeBitfield(offered.bytes))
  }

  /** A piece is on disk. */
  stored(index: PieceIndex): void {
    if (this.#offered?.includes(index) === true) this.#untold.push(index)
  }

  /** Tells what is new to whoever lacks it. */
  tell(connections: Iterable<Connection>): void {
    if (this.#untold.length === 0) return
    const stored = this.#untold
    this.#untold = []
    for (const { session, peer } of connections) {
      if (session.phase !== 'open') continue
      const news = stored.filter((index) => !peer.has.has(index))
      if (news.length > 0) session.send(encodeHaves(news))
    }
  }

  /** Nobody is connected any more. */
  forget(): void {
    this.#untold = []
  }
}
