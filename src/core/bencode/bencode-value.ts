/**
 * What bencoded bytes mean (BEP 3), as values that are safe to look into whoever sent them.
 */

/**
 * A decoded value. Byte strings are Buffers that own their memory. A number is an integer, but beyond
 * `Number.MAX_SAFE_INTEGER` only its magnitude is right, so that a silly value in a field that nobody reads
 * does no harm: read integers through `integerField`, which gives safe ones only.
 */
export type BencodeValue = number | Buffer | readonly BencodeValue[] | BencodeDict

/** A map, so that no key can reach a prototype. A key that is not UTF-8 stands there as hex digits. */
export type BencodeDict = ReadonlyMap<string, BencodeValue>

/** What can be encoded. Entries that are undefined are left out; text becomes UTF-8. */
export type Bencodable =
  | number
  | string
  | Uint8Array
  | readonly Bencodable[]
  | ReadonlyMap<string, Bencodable>
  | { readonly [key: string]: Bencodable | undefined }

/** How much of it a reader takes before it gives up with `TOO_LARGE`. */
export interface BencodeLimits {
  /** Lists and dictionaries inside each other. */
  readonly depth: number
  /** Values and keys, all together. */
  readonly tokens: number
}
