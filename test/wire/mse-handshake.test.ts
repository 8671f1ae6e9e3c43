import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  MOST_PADDING_BYTES,
  MseHandshake,
  type MseProgress,
  type MseResult,
  type PayloadCipher,
} from '../../src/wire/mse-handshake.js'
import {
  ciphersOf,
  infoHashMark,
  maskInfoHashMark,
  PUBLIC_KEY_BYTES,
  publicKeyOf,
  secretMark,
  sharedSecret,
} from '../../src/wire/mse-keys.js'
import type { Rc4 } from '../../src/wire/rc4.js'
import { secretsOf } from '../kit/mse-secrets.js'

const INFO_HASH = Buffer.alloc(20, 0x11)
const NO_BYTES = Buffer.alloc(0)
const BAD = { name: 'PeerError', code: 'BAD_HANDSHAKE' }

interface Meeting {
  readonly provided?: readonly PayloadCipher[]
  readonly accepted?: readonly PayloadCipher[]
  /** Lengths of PadA, PadC, PadB, PadD. */
  readonly padding?: readonly [number, number, number, number]
  readonly initialPayload?: Uint8Array
}

const initiatorOf = ({ provided = ['plain', 'rc4'], padding = [0, 0, 0, 0], initialPayload }: Meeting) =>
  MseHandshake.initiate({
    secrets: secretsOf(1, [padding[0], padding[1]]),
    infoHash: INFO_HASH,
    ciphers: provided,
    initialPayload: initialPayload ?? NO_BYTES,
  })

const responderOf = ({ accepted = ['plain', 'rc4'], padding = [0, 0, 0, 0] }: Meeting) =>
  MseHandshake.respond({
    makeSecrets: () => secretsOf(2, [padding[2], padding[3]]),
    findInfoHash: (mark) => (mark.equals(infoHashMark(INFO_HASH)) ? INFO_HASH : undefined),
    ciphers: accepted,
  })

/** Pushes the parts one by one. Nothing may come after the result. */
function feed(side: MseHandshake, bytes: Buffer, places: readonly number[] = []): MseProgress {
  const ends = [...new Set([...places.map((place) => place % (bytes.length + 1)), bytes.length])]
  const replies: Buffer[] = []
  let result: MseResult | undefined
  let from = 0
  for (const end of ends.sort((a, b) => a - b)) {
    assert.equal(result, undefined)
    const progress = side.push(bytes.subarray(from, end))
    replies.push(progress.reply)
    result = progress.result
    from = end
  }
  return { reply: Buffer.concat(replies), result }
}

/** Both sides of a handshake, with what each said. */
function meet(meeting: Meeting, places: readonly number[] = []) {
  const initiator = initiatorOf(meeting)
  const responder = responderOf(meeting)
  const first = initiator.push(NO_BYTES).reply
  const second = feed(responder, first, places).reply
  const third = feed(initiator, second, places).reply
  const atResponder = feed(responder, third, places)
  const atInitiator = feed(initiator, atResponder.reply, places)
  return { said: [first, second, third, atResponder.reply], atInitiator, atResponder }
}

const METHODS = fc.constantFrom<readonly PayloadCipher[]>(
  ['plain', 'rc4'],
  ['rc4', 'plain'],
  ['rc4'],
  ['plain'],
)
const PADDING = fc.nat(MOST_PADDING_BYTES)

test('two sides that share a cipher agree on it, whatever their padding and however TCP cut it', () => {
  const places = fc.array(fc.nat(2_000), { maxLength: 6 })
  const initialPayloads = fc.uint8Array({ maxLength: 200, size: 'max' })
  const paddings = fc.tuple(PADDING, PADDING, PADDING, PADDING)
  fc.assert(
    fc.property(
      METHODS,
      METHODS,
      paddings,
      initialPayloads,
      places,
      (provided, accepted, padding, initialPayload, cuts) => {
        const cipher = accepted.find((each) => provided.includes(each))
        const meeting = { provided, accepted, padding, initialPayload }
        if (cipher === undefined) return void assert.throws(() => meet(meeting, cuts), BAD)
        const { atInitiator, atResponder } = meet(meeting, cuts)
        assert.deepEqual(Uint8Array.from(atResponder.result!.payload), initialPayload)
        assert.equal(atInitiator.result!.payload.length, 0)
        assert.equal(atResponder.result!.infoHash, INFO_HASH)
        assertConnected(atInitiator.result!, atResponder.result!, cipher)
      },
    ),
    { numRuns: 200 },
  )
})

/** What one encrypts from here on, the other decrypts. */
function assertConnected(initiator: MseResult, responder: MseResult, cipher: PayloadCipher): void {
  for (const [from, to] of [
    [initiator, responder],
    [responder, initiator],
  ] as const) {
    assert.equal(from.ciphers === undefined, cipher === 'plain')
    if (cipher === 'plain') continue
    const line = applied(from.ciphers!.outgoing, 'what follows')
    assert.notEqual(line.toString(), 'what follows')
    assert.equal(applied(to.ciphers!.incoming, line).toString(), 'what follows')
  }
}

function applied(cipher: Rc4, bytes: Uint8Array | string): Buffer {
  const result = Buffer.from(bytes as Uint8Array)
  cipher.apply(result, result)
  return result
}

for (const cipher of ['plain', 'rc4'] as const) {
  test(`what follows the handshake in the same read is payload, at every cut (${cipher})`, () => {
    const meeting: Meeting = {
      accepted: [cipher],
      padding: [3, 5, 7, 9],
      initialPayload: Buffer.from('initial'),
    }
    const { said, atInitiator, atResponder } = meet(meeting)
    const [, second, third, fourth] = said as [Buffer, Buffer, Buffer, Buffer]
    const encrypt = ({ ciphers }: MseResult, text: string) =>
      ciphers === undefined ? Buffer.from(text) : applied(ciphers.outgoing, text)
    const fromA = Buffer.concat([third, encrypt(atInitiator.result!, ' more')])
    const fromB = Buffer.concat([second, fourth, encrypt(atResponder.result!, 'payload')])
    for (let cut = 0; cut <= fromB.length; cut++) {
      const responder = responderOf(meeting)
      responder.push(said[0]!)
      assert.equal(payloadAfter(responder, fromA, cut), 'initial more')
      const initiator = initiatorOf(meeting)
      initiator.push(NO_BYTES)
      assert.equal(payloadAfter(initiator, fromB, cut), 'payload')
    }
  })
}

/** The payload of a stream that was cut in two; what comes after the result is decrypted by it. */
function payloadAfter(side: MseHandshake, stream: Buffer, cut: number): string {
  let result: MseResult | undefined
  let payload = ''
  for (const part of [stream.subarray(0, cut), stream.subarray(cut)]) {
    if (result === undefined) {
      result = side.push(part).result
      payload += result?.payload.toString() ?? ''
    } else
      payload += (result.ciphers === undefined ? part : applied(result.ciphers.incoming, part)).toString()
  }
  return payload
}

test('the first words of both sides are a key and padding, and nothing that could be recognised', () => {
  const { said } = meet({ padding: [100, 0, 200, 0], initialPayload: INFO_HASH })
  assert.deepEqual(
    said.slice(0, 2).map((bytes) => bytes.length),
    [PUBLIC_KEY_BYTES + 100, PUBLIC_KEY_BYTES + 200],
  )
  assert.equal(Buffer.concat(said).includes(INFO_HASH), false)
})

test('the responder answers a key at once, and the rest when it has all of it', () => {
  const { said } = meet({ padding: [0, 4, 0, 0], initialPayload: Buffer.alloc(30) })
  const responder = responderOf({})
  assert.equal(feed(responder, said[0]!.subarray(0, 95), [1, 50]).reply.length, 0)
  assert.equal(responder.push(said[0]!.subarray(95)).reply.length, PUBLIC_KEY_BYTES)
  const most = said[2]!.subarray(0, -1)
  assert.deepEqual(feed(responder, most, [...most.keys()]), { reply: NO_BYTES, result: undefined })
  assert.ok(responder.push(said[2]!.subarray(-1)).result)
})

test('a handshake that was recorded is of no use against another key', () => {
  const { said } = meet({})
  const responder = MseHandshake.respond({
    makeSecrets: () => secretsOf(7, [MOST_PADDING_BYTES, 0]),
    findInfoHash: () => INFO_HASH,
    ciphers: ['plain', 'rc4'],
  })
  responder.push(said[0]!)
  assert.throws(() => {
    for (let count = 0; count < 20; count++) responder.push(said[2]!)
  }, BAD)
})

for (const [who, make] of [
  ['initiator', initiatorOf],
  ['responder', responderOf],
] as const) {
  test(`the ${who} refuses keys that make no secret`, () => {
    for (const key of [
      Buffer.alloc(96),
      Buffer.alloc(96, 0xff),
      Buffer.from(`${'00'.repeat(95)}01`, 'hex'),
    ]) {
      const side = make({})
      assert.throws(() => side.push(key), BAD)
    }
  })

  test(`the ${who} has enough of noise as soon as padding would have ended, and holds no more of it`, () => {
    const side = make({})
    side.push(secretsOf(9).padding[0])
    side.push(publicKeyOf(secretsOf(9).privateKey))
    const mark = who === 'initiator' ? 8 : 20
    for (let count = 1; count < MOST_PADDING_BYTES + mark; count++) side.push(Buffer.of(0x55))
    assert.throws(() => side.push(Buffer.of(0x55)), BAD)
  })

  test(`the ${who} survives any bytes: they are waited for, or refused`, () => {
    const reads = fc.array(fc.uint8Array({ maxLength: 700, size: 'max' }), { maxLength: 5 })
    fc.assert(
      fc.property(reads, (parts) => {
        const side = make({})
        try {
          for (const part of parts) assert.equal(side.push(part).result, undefined)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'BAD_HANDSHAKE')
        }
      }),
    )
  })
}

/** An initiator that does the first steps right and goes on as a test likes. */
function hostileInitiator(
  responder: MseHandshake,
  { mark = infoHashMark(INFO_HASH), rest }: { mark?: Buffer; rest: readonly Uint8Array[] },
): MseProgress {
  const { privateKey } = secretsOf(1)
  const { reply } = responder.push(publicKeyOf(privateKey))
  const secret = sharedSecret(privateKey, reply.subarray(0, PUBLIC_KEY_BYTES))
  const { outgoing } = ciphersOf('initiator', secret, INFO_HASH)
  const masked = maskInfoHashMark(mark, secret)
  return responder.push(Buffer.concat([secretMark(secret), masked, applied(outgoing, Buffer.concat(rest))]))
}

const VERIFICATION = Buffer.alloc(8)
const BOTH = Buffer.of(0, 0, 0, 3)

test('the responder refuses a torrent that it does not have, garbage for it, and ciphers of others', () => {
  const end = Buffer.alloc(4)
  const wrong: readonly [what: string, mark: Buffer | undefined, rest: readonly Uint8Array[]][] = [
    ['another torrent', infoHashMark(Buffer.alloc(20, 0x12)), [VERIFICATION, BOTH, end]],
    ['no verification', undefined, [Buffer.alloc(8, 1), BOTH, end]],
    ['no cipher', undefined, [VERIFICATION, Buffer.of(0, 0, 0, 0), end]],
    ['a cipher of the future', undefined, [VERIFICATION, Buffer.of(0xff, 0xff, 0xff, 0xfc), end]],
    ['padding without end', undefined, [VERIFICATION, BOTH, Buffer.of(0x02, 0x01)]],
  ]
  for (const [what, mark, rest] of wrong) {
    const attempt = () => hostileInitiator(responderOf({}), { rest, ...(mark && { mark }) })
    assert.throws(attempt, BAD, what)
  }
})

test('an initial payload may be as long as its length can say', () => {
  const initial = Buffer.alloc(65_535, 0x61)
  const rest = [VERIFICATION, BOTH, Buffer.of(0, 0), Buffer.of(0xff, 0xff), initial]
  assert.deepEqual(hostileInitiator(responderOf({}), { rest }).result?.payload, initial)
})

test('ciphers that nobody knows yet do not keep the responder from choosing one that it knows', () => {
  const rest = [VERIFICATION, Buffer.of(0xff, 0xff, 0xff, 0xfe), Buffer.alloc(4)]
  assert.ok(hostileInitiator(responderOf({}), { rest }).result?.ciphers)
})

test('the initiator refuses a choice that it did not give, and padding without end', () => {
  const wrong: readonly [provided: PayloadCipher, rest: Buffer][] = [
    ['rc4', Buffer.of(0, 0, 0, 1, 0, 0)],
    ['plain', Buffer.of(0, 0, 0, 2, 0, 0)],
    ['rc4', Buffer.of(0, 0, 0, 3, 0, 0)],
    ['rc4', Buffer.of(0, 0, 0, 0, 0, 0)],
    ['rc4', Buffer.of(0, 0, 0, 2, 0x02, 0x01)],
  ]
  for (const [provided, rest] of wrong) {
    const initiator = initiatorOf({ provided: [provided] })
    const theirs = initiator.push(NO_BYTES).reply
    const { privateKey } = secretsOf(2)
    initiator.push(publicKeyOf(privateKey))
    const { outgoing } = ciphersOf('responder', sharedSecret(privateKey, theirs), INFO_HASH)
    const answer = applied(outgoing, Buffer.concat([VERIFICATION, rest]))
    assert.throws(() => initiator.push(answer), BAD, `${provided}: ${rest.toString('hex')}`)
  }
})
