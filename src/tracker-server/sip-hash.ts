/**
 * SipHash: 64 bits over a few bytes that nobody without the key can foresee. UDP connection ids use it as
 * their MAC; the tracker's tables, so that chosen info hashes and addresses cannot be made to collide.
 *
 * Each 64-bit word of the algorithm is two 32-bit halves, since JavaScript has no fast 64-bit integers.
 */
export type SipStrength = keyof typeof ROUNDS

/**
 * Mixing per word, and at the end: SipHash-2-4 as it was published, and the SipHash-1-3 of many hash
 * tables.
 */
const ROUNDS = { mac: [2, 4], table: [1, 3] } as const

export class SipHash {
  readonly #start: Int32Array
  readonly #roundsPerWord: number
  readonly #roundsAtEnd: number
  readonly #state = new Int32Array(8)
  /** The upper half of the last hash, signed. */
  high = 0

  /** The key has 16 bytes. */
  constructor(key: Uint8Array, strength: SipStrength) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a SipHash key has ${KEY_BYTES} bytes`)
    const keyWords = [0, 4, 8, 12, 0, 4, 8, 12].map((at) => half(key, at, KEY_BYTES))
    this.#start = Int32Array.from(START, (constant, place) => constant ^ keyWords[place]!)
    ;[this.#roundsPerWord, this.#roundsAtEnd] = ROUNDS[strength]
  }

  /** The lower half of the hash over the first `length` bytes, signed; the upper is left in `high`. */
  hash(bytes: Uint8Array, length = bytes.length): number {
    const state = this.#state
    for (let place = 0; place < 8; place++) state[place] = this.#start[place]!
    const lastWord = length >> 3
    for (let word = 0; word <= lastWord; word++) {
      const low = half(bytes, word * 8, length)
      const high = half(bytes, word * 8 + 4, length) | (word === lastWord ? length << 24 : 0)
      state[6]! ^= low
      state[7]! ^= high
      mix(state, this.#roundsPerWord)
      state[0]! ^= low
      state[1]! ^= high
    }
    state[4]! ^= 0xff
    mix(state, this.#roundsAtEnd)
    this.high = state[1]! ^ state[3]! ^ state[5]! ^ state[7]!
    return state[0]! ^ state[2]! ^ state[4]! ^ state[6]!
  }
}

const KEY_BYTES = 16

/** What the four words begin as, before the key: low half, high half, and so on. */
const START = [
  ...[0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261],
  ...[0x6e657261, 0x6c796765, 0x79746573, 0x74656462],
]

/** Four bytes, least significant first; what lies beyond the length counts as zero. */
function half(bytes: Uint8Array, at: number, length: number): number {
  if (at + 4 <= length) {
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }
  let value = 0
  for (let byte = at; byte < length; byte++) value |= bytes[byte]! << ((byte - at) * 8)
  return value
}

/** The state is in locals while it is mixed, which is four times as fast as in the array. */
function mix(state: Int32Array, rounds: number): void {
  let a = state[0]!
  let aHigh = state[1]!
  let b = state[2]!
  let bHigh = state[3]!
  let c = state[4]!
  let cHigh = state[5]!
  let d = state[6]!
  let dHigh = state[7]!
  for (let round = 0; round < rounds; round++) {
    const ab = (a + b) | 0
    const abHigh = (aHigh + bHigh + (ab >>> 0 < b >>> 0 ? 1 : 0)) | 0
    const cd = (c + d) | 0
    const cdHigh = (cHigh + dHigh + (cd >>> 0 < d >>> 0 ? 1 : 0)) | 0
    const turnedB = ((b << 13) | (bHigh >>> 19)) ^ ab
    const turnedBHigh = ((bHigh << 13) | (b >>> 19)) ^ abHigh
    const turnedD = ((d << 16) | (dHigh >>> 16)) ^ cd
    const turnedDHigh = ((dHigh << 16) | (d >>> 16)) ^ cdHigh
    a = (abHigh + turnedD) | 0
    aHigh = (ab + turnedDHigh + (a >>> 0 < turnedD >>> 0 ? 1 : 0)) | 0
    cHigh = (cd + turnedB) | 0
    c = (cdHigh + turnedBHigh + (cHigh >>> 0 < turnedB >>> 0 ? 1 : 0)) | 0
    b = ((turnedB << 17) | (turnedBHigh >>> 15)) ^ cHigh
    bHigh = ((turnedBHigh << 17) | (turnedB >>> 15)) ^ c
    d = ((turnedD << 21) | (turnedDHigh >>> 11)) ^ a
    dHigh = ((turnedDHigh << 21) | (turnedD >>> 11)) ^ aHigh
  }
  state[0] = a
  state[1] = aHigh
  state[2] = b
  state[3] = bHigh
  state[4] = c
  state[5] = cHigh
  state[6] = d
  state[7] = dHigh
}
