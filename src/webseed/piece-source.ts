/**
 * A web seed of the older kind (BEP 17): a script that is told the torrent, the piece and the bytes of it in
 * its URL.
 */
import type { Geometry, PieceIndex } from '../core/geometry.js'
import type { WebPlace, WebResource, WebSource } from './web-source.js'

export class PieceSource implements WebSource {
  readonly #base: string
  readonly #geometry: Geometry

  constructor(url: string, infoHash: Uint8Array, geometry: Geometry) {
    const hash = Buffer.from(infoHash).toString('hex').replace(/../g, '%$&')
    this.#base = `${url}${url.includes('?') ? '&' : '?'}info_hash=${hash}`
    this.#geometry = geometry
  }

  resourceAt(offset: number): WebResource {
    const number = Math.floor(offset / this.#geometry.pieceLength) as PieceIndex
    const begin = this.#geometry.pieceOffset(number)
    return { number, begin, end: begin + this.#geometry.pieceBytes(number), isPadding: false }
  }

  placeOf({ number }: WebResource, first: number, end: number): WebPlace {
    const url = new URL(`${this.#base}&piece=${number}&ranges=${first}-${end - 1}`)
    return { url, isRemembered: false, isRangeInUrl: true }
  }

  /** The next question is another one. */
  redirected(): void {}

  forgetRedirects(): void {}

  piecesOf(number: number): { readonly first: number; readonly end: number } {
    return { first: number, end: number + 1 }
  }
}
