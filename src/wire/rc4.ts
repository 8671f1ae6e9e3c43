/**
 * The RC4 stream cipher, for message stream encryption only: it hides a stream from those who look at it in
 * passing, and keeps no secret from anybody else. OpenSSL 3 does not offer it unless told to.
 *
 * State is one table of 256 bytes; nothing is allocated after the constructor.
 */
export class Rc4 {
  readonly #table = new Uint8Array(256)
  #i = 0
  #j = 0

  /** `key` is 1 to 256 bytes long. The first `skippedBytes` of the key stream are never used. */
  constructor(key: Uint8Array, skippedBytes = 0) {
    const table = this.#table
    for (let i = 0; i < 256; i++) table[i] = i
    for (let i = 0, j = 0; i < 256; i++) {
      const a = table[i]!
      j = (j + a + key[i % key.length]!) & 255
      table[i] = table[j]!
      table[j] = a
    }
    const skipped = new Uint8Array(skippedBytes)
    this.apply(skipped, skipped)
  }

  /** Encrypts or decrypts the next bytes of the stream. `to` is as long as `from`, and may be the same. */
  apply(from: Uint8Array, to: Uint8Array): void {
    const table = this.#table
    let i = this.#i
    let j = this.#j
    const length = from.length
    for (let at = 0; at < length; at++) {
      i = (i + 1) & 255
      const a = table[i]!
      j = (j + a) & 255
      const b = table[j]!
      table[i] = b
      table[j] = a
      to[at] = from[at]! ^ table[(a + b) & 255]!
    }
    this.#i = i
    this.#j = j
  }
}
