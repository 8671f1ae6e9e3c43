export type BencodeFault = 'BAD_BENCODE' | 'TOO_LARGE'

/**
 * Bytes that are not bencode (`BAD_BENCODE`), or more of it than the reader allowed (`TOO_LARGE`). It knows
 * nothing of where the bytes came from: each caller turns it into the error of its own trade.
 */
export class BencodeError extends Error {
  override readonly name = 'BencodeError'
  constructor(
    readonly code: BencodeFault,
    detail: string,
  ) {
    super(detail)
  }
}
