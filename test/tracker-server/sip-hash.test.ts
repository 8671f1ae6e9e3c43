import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SipHash } from '../../src/tracker-server/sip-hash.js'

const key = Uint8Array.from({ length: 16 }, (_, at) => at)
const input = Uint8Array.from({ length: 64 }, (_, at) => at)

/** As the authors of SipHash publish it: the hash of the first n bytes, least significant byte first. */
const published: readonly (readonly [number, string])[] = [
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [2, '5a4fa9d909806c0d'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [15, 'e545be4961ca29a1'],
]

function digest(hash: SipHash, length: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeInt32LE(hash.hash(input, length), 0)
  bytes.writeInt32LE(hash.high, 4)
  return bytes.toString('hex')
}

test('hashes are those that the authors of SipHash publish', () => {
  const hash = new SipHash(key, 'mac')
  for (const [length, expected] of published) assert.equal(digest(hash, length), expected)
})

test('another key gives other hashes, and the same key the same again', () => {
  const other = new SipHash(
    Uint8Array.from(key, (byte) => byte ^ 1),
    'mac',
  )
  assert.notEqual(digest(other, 20), digest(new SipHash(key, 'mac'), 20))
  const hash = new SipHash(key, 'mac')
  assert.equal(digest(hash, 20), digest(hash, 20))
})

test('bytes beyond the length do not count', () => {
  const hash = new SipHash(key, 'mac')
  const one = hash.hash(Uint8Array.of(1, 2, 3, 4, 5), 3)
  assert.equal(hash.hash(Uint8Array.of(1, 2, 3, 9, 9), 3), one)
})

test('a key of another length is refused', () => {
  assert.throws(() => new SipHash(new Uint8Array(15), 'mac'), RangeError)
})
