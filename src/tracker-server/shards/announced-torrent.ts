/** Which torrent an HTTP announce is for: all that has to be known of it to pass it on. */
import { INFO_HASH_BYTES } from '../announce-request.js'
import { eachParameter, readPercentEncoded } from '../query-string.js'

export class AnnouncedTorrent {
  readonly #infoHash = new Uint8Array(INFO_HASH_BYTES)
  #isWhole = false
  #url = ''

  /** The last that it names, as for whoever answers; undefined when that is none. Good until the next. */
  read(url: string, from: number): Uint8Array | undefined {
    this.#url = url
    this.#isWhole = false
    eachParameter(url, from, this)
    return this.#isWhole ? this.#infoHash : undefined
  }

  /** For `eachParameter`. */
  parameter(key: string, from: number, end: number): void {
    if (key !== 'info_hash') return
    this.#isWhole = readPercentEncoded(this.#url, from, end, this.#infoHash) === INFO_HASH_BYTES
  }
}
