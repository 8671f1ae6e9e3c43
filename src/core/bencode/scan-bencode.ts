/**
 * The strict gate in front of the decoder (BEP 3). One pass over the raw bytes, without recursion and without
 * building values, accepts exactly one well-formed value: canonical integers and lengths, strings that end
 * within the data, dictionaries with text for keys and none of them twice, all within the limits.
 *
 * Keys out of order are let through: torrents in use have them, and they mislead nobody. A key that comes
 * twice is refused, because two readers may then see two torrents in the same bytes.
 */
import { isUtf8 } from 'node:buffer'
import { BencodeError, type BencodeFault } from './bencode-error.js'
import type { BencodeLimits } from './bencode-value.js'

/** A stretch of the scanned bytes: from `start` up to but not including `end`. */
export interface ByteSpan {
  readonly start: number
  readonly end: number
}

export interface BencodeScan {
  /** Where the value ends and whatever follows it begins. */
  readonly end: number
  /** The raw value of the wanted key, when the bytes are a dictionary that has it. */
  readonly wanted: ByteSpan | undefined
}

/** Checks the value that the bytes begin with, and finds the value of one of its keys. Throws BencodeError. */
export function scanBencode(bytes: Uint8Array, limits: BencodeLimits, wantedKey?: string): BencodeScan {
  return new Scanner(bytes, limits, wantedKey).scan()
}

/** Throws BencodeError when anything but white space follows. Makers of torrents do append a newline. */
export function expectNoMore(bytes: Uint8Array, end: number): void {
  for (let at = end; at < bytes.length; at++) {
    if (!WHITE_SPACE.includes(bytes[at]!)) {
      throw new BencodeError('BAD_BENCODE', `something follows the end of the data, at byte ${at}`)
    }
  }
}

const WHITE_SPACE: readonly number[] = [0x20, 0x09, 0x0a, 0x0d]
const [COLON, MINUS, ZERO, NINE] = [0x3a, 0x2d, 0x30, 0x39]
const [DICT, END, INTEGER, LIST] = [0x64, 0x65, 0x69, 0x6c]

/** A list or dictionary that has not ended yet. */
interface Frame {
  readonly isDict: boolean
  /** Where its keys begin in the stack of keys. */
  readonly firstKey: number
  /** False once a key came out of order: only then can a duplicate hide from a look at the neighbours. */
  isSorted: boolean
}

class Scanner {
  readonly #bytes: Buffer
  readonly #limits: BencodeLimits
  #at = 0
  #tokenCount = 0
  readonly #frames: Frame[] = []
  /** Start and end of each key of every open dictionary, innermost last. */
  readonly #keys: number[] = []
  readonly #wantedKey: Buffer | undefined
  #wanted: ByteSpan | undefined
  /** Where the wanted value starts, while it is being read. */
  #wantedStart: number | undefined

  constructor(bytes: Uint8Array, limits: BencodeLimits, wantedKey: string | undefined) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#limits = limits
    this.#wantedKey = wantedKey === undefined ? undefined : Buffer.from(wantedKey)
  }

  scan(): BencodeScan {
    this.#value()
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      if (this.#frames.length === 1) this.#endWanted()
      if (this.#bytes[this.#at] === END) {
        this.#close(frame)
      } else {
        if (frame.isDict) this.#key(frame)
        this.#value()
      }
    }
    return { end: this.#at, wanted: this.#wanted }
  }

  #value(): void {
    this.#count()
    switch (this.#bytes[this.#at]) {
      case INTEGER:
        this.#integer()
        break
      case DICT:
      case LIST:
        this.#open(this.#bytes[this.#at] === DICT)
        break
      default:
        this.#string()
    }
  }

  #open(isDict: boolean): void {
    if (this.#frames.length >= this.#limits.depth) this.#fail('nested too deeply', 'TOO_LARGE')
    this.#frames.push({ isDict, firstKey: this.#keys.length, isSorted: true })
    this.#at++
  }

  #close(frame: Frame): void {
    if (!frame.isSorted) this.#refuseDuplicates(frame)
    this.#keys.length = frame.firstKey
    this.#frames.pop()
    this.#at++
  }

  #key(frame: Frame): void {
    this.#count()
    const start = this.#string()
    const end = this.#at
    this.#refuseTreacherous(start, end)
    if (this.#keys.length > frame.firstKey) this.#compareWithLastKey(frame, start, end)
    this.#keys.push(start, end)
    if (this.#frames.length === 1 && this.#is(this.#wantedKey, start, end)) this.#wantedStart = end
  }

  /** The outermost dictionary goes on or ends: so the value of its last key is complete. */
  #endWanted(): void {
    if (this.#wantedStart === undefined) return
    this.#wanted = { start: this.#wantedStart, end: this.#at }
    this.#wantedStart = undefined
  }

  /** Keys that the decoder would turn into something else: a prototype, or the same text without its mark. */
  #refuseTreacherous(start: number, end: number): void {
    if (this.#is(PROTOTYPE_KEY, start, end)) this.#fail('the key __proto__ is not accepted')
    const isMarked = this.#is(BYTE_ORDER_MARK, start, Math.min(end, start + BYTE_ORDER_MARK.length))
    if (isMarked && isUtf8(this.#bytes.subarray(start, end))) {
      this.#fail('a key begins with a byte order mark')
    }
  }

  #compareWithLastKey(frame: Frame, start: number, end: number): void {
    const [lastStart, lastEnd] = [this.#keys.at(-2)!, this.#keys.at(-1)!]
    const order = this.#bytes.compare(this.#bytes, lastStart, lastEnd, start, end)
    if (order === 0) this.#fail('a key comes twice')
    if (order < 0) frame.isSorted = false
  }

  #refuseDuplicates(frame: Frame): void {
    const seen = new Set<string>()
    for (let i = frame.firstKey; i < this.#keys.length; i += 2) {
      const key = this.#bytes.toString('latin1', this.#keys[i]!, this.#keys[i + 1]!)
      if (seen.has(key)) this.#fail('a key comes twice')
      seen.add(key)
    }
  }

  /** `i`, an optional minus, digits without a leading zero, `e`. Minus zero is no integer. */
  #integer(): void {
    this.#at++
    const isNegative = this.#bytes[this.#at] === MINUS
    if (isNegative) this.#at++
    const first = this.#at
    this.#digits()
    if (isNegative && this.#bytes[first] === ZERO) this.#fail('minus zero is not an integer')
    if (this.#bytes[this.#at] !== END) this.#fail('an integer does not end')
    this.#at++
  }

  /** Moves behind a string and tells where its contents begin. */
  #string(): number {
    const length = this.#digits()
    if (this.#bytes[this.#at] !== COLON) this.#fail('a length without a colon')
    const start = this.#at + 1
    if (length > this.#bytes.length - start) this.#fail('a string is longer than the data')
    this.#at = start + length
    return start
  }

  /** Beyond the safe integers the result is too large still, which is all that a length has to tell. */
  #digits(): number {
    const first = this.#at
    let value = 0
    for (let byte = this.#bytes[this.#at]; isDigit(byte); byte = this.#bytes[++this.#at]) {
      value = value * 10 + (byte - ZERO)
    }
    const digitCount = this.#at - first
    if (digitCount === 0) this.#fail(first === this.#bytes.length ? 'the data ends early' : 'not a value')
    if (digitCount > 1 && this.#bytes[first] === ZERO) this.#fail('a number with a leading zero')
    return value
  }

  #count(): void {
    if (++this.#tokenCount > this.#limits.tokens) this.#fail('too many values', 'TOO_LARGE')
  }

  #is(text: Buffer | undefined, start: number, end: number): boolean {
    return text?.length === end - start && text.compare(this.#bytes, start, end) === 0
  }

  #fail(detail: string, code: BencodeFault = 'BAD_BENCODE'): never {
    throw new BencodeError(code, `${detail}, at byte ${this.#at}`)
  }
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

const PROTOTYPE_KEY = Buffer.from('__proto__')
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
