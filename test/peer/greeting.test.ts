import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PeerError } from '../../src/core/errors.js'
import { Greeting, type Introduction } from '../../src/peer/greeting.js'
import type { Encryption } from '../../src/swarm/encryption.js'
import type { MseHandshake, MseResult, PayloadCipher } from '../../src/wire/mse-handshake.js'
import { infoHashMark } from '../../src/wire/mse-keys.js'
import { callingHandshake } from '../kit/encrypted-end.js'
import { secretsOf } from '../kit/mse-secrets.js'
import { handshakeBytes } from '../kit/wire-bytes.js'

const INFO_HASH = new Uint8Array(20).fill(0x11)
const NO_BYTES = Buffer.alloc(0)

function greetingOf(encryption: Encryption): Greeting {
  return new Greeting({
    encryption,
    findInfoHash: (mark) => (mark.equals(infoHashMark(INFO_HASH)) ? INFO_HASH : undefined),
    makeSecrets: () => secretsOf(2, [30, 10]),
  })
}

function encrypted({ ciphers }: MseResult, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  ciphers?.outgoing.apply(copy, copy)
  return copy
}

/** What a caller says until it is through, and what it may say then. */
function callFully(
  encryption: Encryption,
  caller: MseHandshake,
): readonly [call: Buffer[], result: MseResult] {
  const greeting = greetingOf(encryption)
  const said = [caller.push(NO_BYTES).reply]
  said.push(caller.push(greeting.push(Buffer.from(said[0]!)).reply).reply)
  const { result } = caller.push(greeting.push(Buffer.from(said[1]!)).reply)
  return [said, result!]
}

/** Pushes the bytes in two parts. */
function introduce(greeting: Greeting, bytes: Buffer, cut: number): Introduction | undefined {
  const first = greeting.push(Buffer.from(bytes.subarray(0, cut))).introduction
  assert.ok(first === undefined || cut >= 68)
  return first ?? greeting.push(Buffer.from(bytes.subarray(cut))).introduction
}

for (const encryption of ['prefer', 'off'] as const) {
  test(`a plain caller introduces itself, however TCP cut it (${encryption})`, () => {
    const bytes = handshakeBytes()
    for (let cut = 0; cut <= bytes.length; cut++) {
      const introduction = introduce(greetingOf(encryption), bytes, cut)
      assert.deepEqual(introduction?.handshake.infoHash, INFO_HASH)
      assert.deepEqual(introduction?.bytes, bytes)
      assert.equal(introduction?.ciphers, undefined)
    }
  })
}

const CALLS: readonly [Encryption, readonly PayloadCipher[], chosen: PayloadCipher][] = [
  ['prefer', ['plain', 'rc4'], 'plain'],
  ['prefer', ['rc4'], 'rc4'],
  ['require', ['plain', 'rc4'], 'rc4'],
]

for (const [encryption, ciphers, chosen] of CALLS) {
  for (const initialBytes of [0, 20, 68, 100]) {
    const offer = ciphers.join(' or ')
    const when = `${initialBytes} of its bytes with the handshake, ${encryption}, ${offer}: ${chosen}`
    test(`an encrypted caller introduces itself, however TCP cut it (${when})`, () => {
      const payload = Buffer.concat([handshakeBytes(), Buffer.alloc(40, 0x77)])
      const initialPayload = payload.subarray(0, initialBytes)
      const newCaller = () => callingHandshake({ ciphers, initialPayload })
      const [said, result] = callFully(encryption, newCaller())
      assert.equal(result.ciphers === undefined, chosen === 'plain')
      const stream = Buffer.concat([said[1]!, encrypted(result, payload.subarray(initialBytes))])
      for (let cut = 0; cut <= stream.length; cut++) {
        const greeting = greetingOf(encryption)
        greeting.push(Buffer.from(said[0]!))
        const first = greeting.push(Buffer.from(stream.subarray(0, cut)))
        const met = first.introduction ?? greeting.push(Buffer.from(stream.subarray(cut))).introduction
        assert.deepEqual(met?.handshake.infoHash, INFO_HASH)
        assert.deepEqual(met?.bytes, payload.subarray(0, met?.bytes.length))
        assert.equal(met?.ciphers === undefined, chosen === 'plain')
      }
    })
  }
}

test('a caller is told from a plain one by its first byte that differs, or when there is none', () => {
  const greeting = greetingOf('require')
  for (const byte of handshakeBytes().subarray(0, 19)) greeting.push(Buffer.of(byte))
  assert.throws(() => greeting.push(handshakeBytes().subarray(19, 20)), { code: 'BAD_HANDSHAKE' })
  assert.throws(() => greetingOf('off').push(Buffer.of(18)), { code: 'BAD_HANDSHAKE' })
  assert.throws(() => greetingOf('off').push(Buffer.from('\x13BitTorment')), { code: 'BAD_HANDSHAKE' })
})

test('who asks for one torrent in its encrypted handshake and another in its plain one is refused', () => {
  const caller = callingHandshake({ initialPayload: handshakeBytes(new Uint8Array(20).fill(0x12)) })
  assert.throws(() => callFully('prefer', caller), { code: 'WRONG_INFO_HASH' })
})

test('what follows an encrypted handshake must be a handshake', () => {
  const caller = callingHandshake({ initialPayload: Buffer.alloc(68, 0x20) })
  assert.throws(() => callFully('prefer', caller), { code: 'BAD_HANDSHAKE' })
})

test('a caller whose key comes when there have been too many gets no answer, and no arithmetic is done', () => {
  const greeting = new Greeting({
    encryption: 'prefer',
    findInfoHash: () => INFO_HASH,
    makeSecrets: () => {
      throw new PeerError('FLOODING', 'enough')
    },
  })
  const key = callingHandshake().push(NO_BYTES).reply
  assert.equal(greeting.push(Buffer.from(key.subarray(0, 95))).reply.length, 0)
  assert.throws(() => greeting.push(Buffer.from(key.subarray(95))), { code: 'FLOODING' })
})
