import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  infoHashMark,
  maskInfoHashMark,
  PRIVATE_KEY_BYTES,
  PUBLIC_KEY_BYTES,
  publicKeyOf,
  sharedSecret,
} from '../../src/wire/mse-keys.js'

const PRIME = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD' +
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563',
)

const privateKeys = fc.uint8Array({ minLength: PRIVATE_KEY_BYTES, maxLength: PRIVATE_KEY_BYTES })

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function toKey(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(2 * PUBLIC_KEY_BYTES, '0'), 'hex')
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % PRIME
    if (bit === '1') result = (result * base) % PRIME
  }
  return result
}

test('keys and secrets are what the arithmetic says, 96 bytes long whatever they begin with', () => {
  fc.assert(
    fc.property(privateKeys, fc.bigInt(2n, PRIME - 2n), (privateKey, theirs) => {
      fc.pre(toNumber(privateKey) > 0n)
      assert.deepEqual(publicKeyOf(privateKey), toKey(power(2n, toNumber(privateKey))))
      assert.deepEqual(sharedSecret(privateKey, toKey(theirs)), toKey(power(theirs, toNumber(privateKey))))
    }),
    { numRuns: 50 },
  )
})

test('a secret that begins with zeros is as long as any other', () => {
  const two = toKey(2n)
  const privateKey = Buffer.alloc(PRIVATE_KEY_BYTES)
  privateKey[PRIVATE_KEY_BYTES - 1] = 9
  assert.deepEqual(publicKeyOf(privateKey), toKey(512n))
  assert.deepEqual(sharedSecret(privateKey, two), toKey(512n))
})

test('both sides come to the same secret, whichever of them asks first', () => {
  fc.assert(
    fc.property(privateKeys, privateKeys, (mine, yours) => {
      fc.pre(toNumber(mine) > 0n && toNumber(yours) > 0n)
      const [myKey, yourKey] = [publicKeyOf(mine), publicKeyOf(yours)]
      assert.deepEqual(sharedSecret(mine, yourKey), sharedSecret(yours, myKey))
    }),
    { numRuns: 50 },
  )
})

test('keys that make no secret are refused, and their neighbours are not', () => {
  const privateKey = Buffer.alloc(PRIVATE_KEY_BYTES, 0x5a)
  const all = 2n ** 768n - 1n
  for (const weak of [0n, 1n, PRIME - 1n, PRIME, PRIME + 1n, all]) {
    assert.throws(() => sharedSecret(privateKey, toKey(weak)), { code: 'BAD_HANDSHAKE' })
  }
  for (const sound of [2n, 3n, PRIME - 2n]) {
    assert.equal(sharedSecret(privateKey, toKey(sound)).length, PUBLIC_KEY_BYTES)
  }
})

test('the mark of an info hash comes out of its mask with the same secret only', () => {
  const mark = infoHashMark(Buffer.alloc(20, 0x11))
  const masked = maskInfoHashMark(mark, Buffer.alloc(96, 1))
  assert.deepEqual(maskInfoHashMark(masked, Buffer.alloc(96, 1)), mark)
  assert.notDeepEqual(maskInfoHashMark(masked, Buffer.alloc(96, 2)), mark)
  assert.notDeepEqual(masked, mark)
})
