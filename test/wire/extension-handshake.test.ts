import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerError } from '../../src/core/errors.js'
import {
  decodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  encodeExtensionHandshake,
} from '../../src/wire/extension-handshake.js'
import { frame } from '../kit/wire-bytes.js'

const decodeText = (text: string) => decodeExtensionHandshake(Buffer.from(text, 'latin1'))

const NOTHING = {
  program: undefined,
  reqq: undefined,
  ids: new Map(),
  metadataBytes: undefined,
  port: undefined,
  yourIp: undefined,
  isUploadOnly: undefined,
}

test('our extension handshake is a bencoded dictionary under id 0 of message 20', () => {
  const dict = Buffer.from('d1:mde4:reqqi250e1:v7:programe')
  const expected = frame(20, Buffer.of(EXTENSION_HANDSHAKE_ID), dict)
  assert.deepEqual(encodeExtensionHandshake({ program: 'program', reqq: 250 }), expected)
})

test('what we say of ourselves is understood', () => {
  const own = {
    program: 'µ 1',
    reqq: 250,
    extensions: ['ut_metadata'],
    metadataBytes: 31_235,
    port: 6881,
    yourIp: Uint8Array.of(65, 66, 67, 68),
    isUploadOnly: true,
  } as const
  const payload = encodeExtensionHandshake(own).subarray(6)
  const expected =
    'd1:md11:ut_metadatai1ee13:metadata_sizei31235e1:pi6881e4:reqqi250e11:upload_onlyi1e1:v4:µ 16:yourip4:ABCDe'
  assert.equal(payload.toString(), expected)
  assert.deepEqual(decodeExtensionHandshake(payload), {
    program: 'µ 1',
    reqq: 250,
    ids: new Map([['ut_metadata', 1]]),
    metadataBytes: 31_235,
    port: 6881,
    yourIp: Buffer.from('ABCD'),
    isUploadOnly: true,
  })
})

test('an address has 4 bytes or 16', () => {
  assert.equal(decodeText(`d6:yourip16:${'x'.repeat(16)}e`).yourIp?.length, 16)
  for (const length of [0, 3, 5, 15, 17]) {
    assert.equal(decodeText(`d6:yourip${length}:${'x'.repeat(length)}e`).yourIp, undefined)
  }
})

test('a later handshake changes the ids that it names, and no others', () => {
  const known = new Map([['ut_metadata', 3]] as const)
  const idsAfter = (text: string) => decodeExtensionHandshake(Buffer.from(text), known).ids
  assert.deepEqual(idsAfter('d11:upload_onlyi1ee'), known)
  assert.deepEqual(idsAfter('d1:md11:lt_donthavei7eee'), new Map([...known, ['lt_donthave', 7]]))
  assert.deepEqual(idsAfter('d1:md11:ut_metadatai9eee'), new Map([['ut_metadata', 9]]))
  assert.deepEqual(idsAfter('d1:md11:ut_metadatai0eee'), new Map())
  assert.deepEqual(idsAfter('d1:md11:ut_metadatai300eee'), known)
})

test('the example of BEP 10 is understood, and its unknown extensions left out', () => {
  const payload = 'd1:md11:LT_metadatai1e6:\xb5T_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e'
  assert.deepEqual(decodeText(payload), { ...NOTHING, program: 'µTorrent 1.2', port: 6881 })
})

test('the example of BEP 9 is understood', () => {
  const payload = 'd1:md11:ut_metadatai3ee13:metadata_sizei31235ee'
  assert.deepEqual(decodeText(payload), {
    ...NOTHING,
    ids: new Map([['ut_metadata', 3]]),
    metadataBytes: 31_235,
  })
})

test('a peer that wants no pieces says so', () => {
  assert.equal(decodeText('d11:upload_onlyi1ee').isUploadOnly, true)
  assert.equal(decodeText('d11:upload_onlyi0ee').isUploadOnly, false)
})

test('all fields are optional, and those of a wrong kind count as absent', () => {
  const useless = [
    'de',
    'd4:reqq3:250e',
    'd4:reqqi0ee',
    'd4:reqqi-5ee',
    'd4:reqqi99999999999999999999ee',
    'd1:vi7ee',
    'd1:vl3:abcee',
    'd1:mi1ee',
    'd1:md11:ut_metadatai0eee',
    'd1:md11:ut_metadatai256eee',
    'd1:md11:ut_metadata1:1ee',
    'd13:metadata_sizei0ee',
    'd13:metadata_sizei-1ee',
    'd1:pi0ee',
    'd1:pi65536ee',
    'd11:upload_only1:1e',
  ]
  for (const payload of useless) assert.deepEqual(decodeText(payload), NOTHING, payload)
})

test('what is no bencoded dictionary is a bad message', () => {
  const hostile = [
    '',
    'i5e',
    'le',
    '3:abc',
    'd',
    'd1:v',
    'd1:vi5e',
    'de1',
    'd1:v9:abce',
    'd9:__proto__d4:reqqi5eee',
    'l'.repeat(100_000),
  ]
  hostile.push(`d1:m${'d1:a'.repeat(50)}${'e'.repeat(51)}e`, `d1:ml${'i0e'.repeat(100_000)}ee`)
  for (const payload of hostile) {
    const isBadMessage = (error: unknown) => error instanceof PeerError && error.code === 'BAD_MESSAGE'
    assert.throws(() => decodeText(payload), isBadMessage, payload.slice(0, 40))
  }
})

test('any bytes give a handshake or a PeerError, and nothing else', () => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .array(fc.constantFrom('d', 'e', 'l', 'i', '1:', '4:reqq', '7', '-'), { maxLength: 20 })
      .map((parts) => Uint8Array.from(Buffer.from(parts.join('')))),
  )
  fc.assert(
    fc.property(garbage, (payload) => {
      try {
        const { reqq } = decodeExtensionHandshake(payload)
        assert.ok(reqq === undefined || (Number.isSafeInteger(reqq) && reqq > 0))
      } catch (error) {
        assert.ok(error instanceof PeerError)
      }
    }),
    { numRuns: 1_000 },
  )
})
