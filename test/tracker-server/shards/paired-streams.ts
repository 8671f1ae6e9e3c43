/** Two ends of a connection in memory: what is written to one is read from the other. */
import { Duplex } from 'node:stream'

export interface PairOptions {
  /** Cuts what is written into parts of so many bytes. */
  readonly partBytes?: number
  /** Takes nothing until it is told to. */
  readonly isHeld?: boolean
}

export class PairedStream extends Duplex {
  other: PairedStream | undefined
  #held: (() => void)[] | undefined
  readonly #partBytes: number

  constructor({ partBytes = Number.POSITIVE_INFINITY, isHeld = false }: PairOptions = {}) {
    super()
    this.#partBytes = partBytes
    this.#held = isHeld ? [] : undefined
  }

  static pair(options: PairOptions = {}): [PairedStream, PairedStream] {
    const [one, other] = [new PairedStream(options), new PairedStream(options)]
    one.other = other
    other.other = one
    return [one, other]
  }

  /** From now on everything is taken. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const take of held) take()
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const take = () => {
      for (let at = 0; at < bytes.length; at += this.#partBytes) {
        this.other?.push(bytes.subarray(at, at + this.#partBytes))
      }
      done()
    }
    if (this.#held === undefined) take()
    else this.#held.push(take)
  }
}
