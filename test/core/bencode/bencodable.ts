import fc from 'fast-check'
import type { Bencodable } from '../../../src/core/bencode/bencode-value.js'

/** Any value that can be encoded, a few levels deep. Dictionaries are maps with text for keys. */
export function bencodable(): fc.Arbitrary<Bencodable> {
  return fc.letrec<{ value: Bencodable }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.maxSafeInteger(),
      fc.uint8Array(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(plainKey(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  })).value
}

/** Keys that the gate lets through. */
function plainKey(): fc.Arbitrary<string> {
  return fc.string({ maxLength: 12 }).filter((key) => key !== '__proto__')
}
