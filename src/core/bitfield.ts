/** A fixed-size set of piece indices, stored as BEP 3 sends it: the high bit of the first byte is piece 0. */
export class Bitfield {
  readonly bytes: Uint8Array
  #count = 0

  constructor(readonly size: number) {
    this.bytes = new Uint8Array(Math.ceil(size / 8))
  }

  /** From the body of a `bitfield` message. Undefined when its length or its spare bits are wrong. */
  static fromWire(body: Uint8Array, size: number): Bitfield | undefined {
    const field = new Bitfield(size)
    if (body.length !== field.bytes.length) return undefined
    const spareBits = body.length * 8 - size
    if (spareBits > 0 && (body[body.length - 1]! & ((1 << spareBits) - 1)) !== 0) return undefined
    field.bytes.set(body)
    for (const byte of body) field.#count += ONES[byte]!
    return field
  }

  /** How many are set. */
  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === this.size
  }

  has(index: number): boolean {
    return ((this.bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0
  }

  /** True when this call changed it. */
  set(index: number): boolean {
    if (index < 0 || index >= this.size || this.has(index)) return false
    this.bytes[index >> 3]! |= 0x80 >> (index & 7)
    this.#count++
    return true
  }

  /** True when this call changed it. */
  clear(index: number): boolean {
    if (!this.has(index)) return false
    this.bytes[index >> 3]! &= ~(0x80 >> (index & 7))
    this.#count--
    return true
  }

  setAll(): void {
    this.bytes.fill(0xff)
    const spareBits = this.bytes.length * 8 - this.size
    if (spareBits > 0) this.bytes[this.bytes.length - 1] = 0xff << spareBits
    this.#count = this.size
  }

  /** Becomes equal to another of the same size. */
  assign(other: Bitfield): void {
    this.bytes.set(other.bytes)
    this.#count = other.#count
  }
}

/** How many bits are set in each byte value. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0
  for (let bits = byte; bits > 0; bits >>= 1) ones += bits & 1
  return ones
})
