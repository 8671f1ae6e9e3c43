import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PeerError } from '../../src/core/errors.js'
import { FrameDecoder } from '../../src/wire/frame-decoder.js'
import type { BlockPart, Message } from '../../src/wire/messages.js'
import { payloadBytes } from '../kit/payload.js'
import { blockFrame, frame, handshakeBytes, uint32 } from '../kit/wire-bytes.js'

const MOST_BYTES = 1024 * 1024
const KEEP_ALIVE = uint32(0)
const BLOCK = Buffer.from('block!')

/** Every kind of message once, in an order in which each follows another kind. */
const STREAM = Buffer.concat([
  handshakeBytes(),
  frame(5, Buffer.of(0xa5, 0x80)),
  frame(20, Buffer.of(3), Buffer.from('de')),
  KEEP_ALIVE,
  frame(1),
  frame(4, uint32(0xfffffffe)),
  blockFrame(5, 16_384, BLOCK),
  frame(0),
  frame(2),
  frame(21, Buffer.from('skipped')),
  frame(3),
  frame(0x0e),
  frame(0x0d, uint32(7)),
  frame(0x10, uint32(1), uint32(2), uint32(3)),
  frame(0x0f),
  frame(0x11, uint32(8)),
  frame(18),
  frame(6, uint32(1), uint32(2), uint32(3)),
  frame(8, uint32(4), uint32(5), uint32(6)),
  KEEP_ALIVE,
  KEEP_ALIVE,
  frame(9, Buffer.of(0x1a, 0xe1)),
])

const MESSAGES = [
  {
    type: 'handshake',
    reserved: new Uint8Array(8),
    infoHash: new Uint8Array(20).fill(0x11),
    peerId: new Uint8Array(20).fill(0x22),
  },
  { type: 'bitfield', bytes: Uint8Array.of(0xa5, 0x80) },
  { type: 'extended', id: 3, payload: Uint8Array.from(Buffer.from('de')) },
  { type: 'keepAlive' },
  { type: 'unchoke' },
  { type: 'have', index: 0xfffffffe },
  { type: 'block', index: 5, begin: 16_384, length: 6, offset: 0, bytes: Uint8Array.from(BLOCK) },
  { type: 'choke' },
  { type: 'interested' },
  { type: 'unknown', id: 21 },
  { type: 'notInterested' },
  { type: 'haveAll' },
  { type: 'suggest', index: 7 },
  { type: 'reject', index: 1, begin: 2, length: 3 },
  { type: 'haveNone' },
  { type: 'allowedFast', index: 8 },
  { type: 'unknown', id: 18 },
  { type: 'request', index: 1, begin: 2, length: 3 },
  { type: 'cancel', index: 4, begin: 5, length: 6 },
  { type: 'keepAlive' },
  { type: 'keepAlive' },
  { type: 'port', port: 6881 },
]

/** Feeds the reads one by one, and overwrites each when it has been consumed, as the next read would. */
function decode(reads: readonly Uint8Array[], decoder = new FrameDecoder(MOST_BYTES)): Message[] {
  const messages: Message[] = []
  for (const read of reads) {
    const bytes = Buffer.from(read)
    for (const message of decoder.push(bytes)) {
      messages.push(
        message.type === 'block' ? { ...message, bytes: Uint8Array.from(message.bytes) } : message,
      )
    }
    bytes.fill(0xee)
  }
  return messages
}

/** Joins the parts of blocks, which must follow one another without gaps. */
function joined(messages: readonly Message[]): Message[] {
  const whole: Message[] = []
  for (const message of messages) {
    if (message.type !== 'block' || message.offset === 0) {
      whole.push(message.type === 'block' ? { ...message, bytes: Uint8Array.from(message.bytes) } : message)
      continue
    }
    const begun = whole.pop() as BlockPart
    assert.equal(begun.type, 'block')
    assert.equal(message.offset, begun.bytes.length)
    assert.deepEqual({ ...message, offset: 0, bytes: 0 }, { ...begun, bytes: 0 })
    whole.push({ ...begun, bytes: Uint8Array.from([...begun.bytes, ...message.bytes]) })
  }
  return whole
}

function faultOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    assert.ok(error instanceof PeerError)
    return error.code
  }
  return 'none'
}

test('the messages are the same however TCP cut the stream into up to three parts', () => {
  for (let a = 0; a <= STREAM.length; a++) {
    for (let b = a; b <= STREAM.length; b++) {
      const messages = joined(decode([STREAM.subarray(0, a), STREAM.subarray(a, b), STREAM.subarray(b)]))
      assert.deepEqual(messages, MESSAGES, `cut at ${a} and ${b}`)
    }
  }
})

test('the messages are the same when every byte comes alone', () => {
  assert.deepEqual(joined(decode([...STREAM].map((byte) => Buffer.of(byte)))), MESSAGES)
})

test('any messages with bodies of any size come through any cuts', () => {
  const body = fc.integer({ min: 1, max: 3_000 }).map((length) => payloadBytes(length, length))
  const message = fc.oneof(
    fc.tuple(fc.nat(0xffff), body).map(([index, bytes]) => ({
      wire: blockFrame(index, index + 1, bytes),
      value: { type: 'block', index, begin: index + 1, length: bytes.length, offset: 0, bytes },
    })),
    body.map((bytes) => ({ wire: frame(5, bytes), value: { type: 'bitfield', bytes } })),
    body.map((bytes) => ({
      wire: frame(20, Buffer.of(7), bytes),
      value: { type: 'extended', id: 7, payload: bytes },
    })),
    body.map((bytes) => ({ wire: frame(99, bytes), value: { type: 'unknown', id: 99 } })),
    fc.constant({ wire: KEEP_ALIVE, value: { type: 'keepAlive' } }),
  )
  const cuts = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), cuts, (messages, sizes) => {
      const wire = Buffer.concat([handshakeBytes(), ...messages.map((each) => each.wire)])
      const reads: Buffer[] = []
      for (let at = 0, turn = 0; at < wire.length; turn++) {
        reads.push(wire.subarray(at, at + sizes[turn % sizes.length]!))
        at += reads.at(-1)!.length
      }
      assert.deepEqual(plain(joined(decode(reads)).slice(1)), plain(messages.map((each) => each.value)))
    }),
    { numRuns: 200 },
  )
})

/** Bytes as text, so that a Buffer equals the same bytes in a Uint8Array. */
function plain(messages: readonly object[]): object[] {
  const asText = (value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  return messages.map((each) =>
    Object.fromEntries(Object.entries(each).map(([key, value]) => [key, asText(value)])),
  )
}

test('parts of a block are views of the bytes that were pushed: nothing is copied', () => {
  const decoder = new FrameDecoder(MOST_BYTES)
  decode([handshakeBytes()], decoder)
  const wire = blockFrame(1, 0, payloadBytes(0, 16_384))
  for (const read of [wire.subarray(0, 5_000), wire.subarray(5_000)]) {
    const [part] = [...decoder.push(read)] as BlockPart[]
    assert.equal(part?.bytes.buffer, read.buffer)
  }
})

test('what is not a block outlives the bytes that it came in', () => {
  const wire = Buffer.concat([handshakeBytes(), frame(5, Buffer.of(1, 2)), frame(20, Buffer.of(0, 3, 4))])
  const messages = [...new FrameDecoder(MOST_BYTES).push(wire)]
  wire.fill(0xee)
  assert.deepEqual(messages[0], MESSAGES[0])
  assert.deepEqual(messages[1], { type: 'bitfield', bytes: Uint8Array.of(1, 2) })
  assert.deepEqual(messages[2], { type: 'extended', id: 0, payload: Uint8Array.of(3, 4) })
})

test('a message whose length its kind cannot have is a BadMessage, wherever it is cut', () => {
  const lengths: readonly [id: number, isRight: (bytes: number) => boolean][] = [
    [0, (bytes) => bytes === 0],
    [1, (bytes) => bytes === 0],
    [2, (bytes) => bytes === 0],
    [3, (bytes) => bytes === 0],
    [4, (bytes) => bytes === 4],
    [6, (bytes) => bytes === 12],
    [7, (bytes) => bytes > 8],
    [8, (bytes) => bytes === 12],
    [9, (bytes) => bytes === 2],
    [0x0d, (bytes) => bytes === 4],
    [0x0e, (bytes) => bytes === 0],
    [0x0f, (bytes) => bytes === 0],
    [0x10, (bytes) => bytes === 12],
    [0x11, (bytes) => bytes === 4],
    [20, (bytes) => bytes > 0],
  ]
  for (const [id, isRight] of lengths) {
    for (const length of [...Array(20).keys(), 255, 256, 65_535, MOST_BYTES - 1]) {
      const wire = frame(id, Buffer.alloc(length))
      const expected = isRight(length) ? 'none' : 'BAD_MESSAGE'
      for (const cut of [0, 1, 4, 5, 13]) {
        const reads = [handshakeBytes(), wire.subarray(0, cut), wire.subarray(cut)]
        assert.equal(
          faultOf(() => decode(reads)),
          expected,
          `id ${id}, ${length} bytes, cut at ${cut}`,
        )
      }
    }
  }
})

test('a message that is too long is refused by its length alone, wherever that is cut', () => {
  for (const length of [MOST_BYTES + 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
    for (let cut = 0; cut <= 4; cut++) {
      const prefix = uint32(length)
      const reads = [handshakeBytes(), prefix.subarray(0, cut), prefix.subarray(cut)]
      assert.equal(
        faultOf(() => decode(reads)),
        'FRAME_TOO_LONG',
      )
    }
  }
  assert.equal(
    faultOf(() => decode([handshakeBytes(), frame(5, Buffer.alloc(MOST_BYTES - 1))])),
    'none',
  )
})

test('a keep-alive is one even when the length behind it begins like the id of a block', () => {
  const wire = Buffer.concat([handshakeBytes(), blockFrame(1, 0, BLOCK), KEEP_ALIVE, uint32(0x07000000)])
  const bytes = Buffer.concat([wire, Buffer.alloc(32)])
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reads = [bytes.subarray(0, cut), bytes.subarray(cut)]
    assert.equal(
      faultOf(() => decode(reads)),
      'FRAME_TOO_LONG',
      `cut at ${cut}`,
    )
  }
})

test('whatever comes, the answer is messages or a PeerError, and it does not depend on the cuts', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([handshakeBytes(), tail]))
  const smallLengths = fc
    .array(fc.constantFrom(0, 0, 0, 1, 2, 5, 7, 9, 13, 20), { maxLength: 100 })
    .map((tail) => Buffer.concat([handshakeBytes(), Buffer.from(tail)]))
  fc.assert(
    fc.property(fc.oneof(bytes, smallLengths), fc.nat(300), (wire, cut) => {
      const whole = faultOf(() => decode([wire]))
      const cuts = [wire.subarray(0, cut), wire.subarray(cut)]
      assert.equal(
        faultOf(() => decode(cuts)),
        whole,
      )
      if (whole === 'none') assert.deepEqual(joined(decode(cuts)), joined(decode([wire])))
    }),
    { numRuns: 1_000 },
  )
})

test('another protocol is refused as soon as its 68 bytes are there', () => {
  const html = Buffer.from(`HTTP/1.1 400 Bad Request\r\n${' '.repeat(60)}`)
  assert.equal(
    faultOf(() => decode([html.subarray(0, 67)])),
    'none',
  )
  assert.equal(
    faultOf(() => decode([html.subarray(0, 67), html.subarray(67)])),
    'BAD_HANDSHAKE',
  )
})

test('a long message that is announced and does not come takes no memory', () => {
  const decoders = Array.from({ length: 200 }, () => new FrameDecoder(MOST_BYTES))
  const before = process.memoryUsage().arrayBuffers
  for (const decoder of decoders) {
    decode([handshakeBytes()], decoder)
    decoder.push(Buffer.concat([uint32(MOST_BYTES), Buffer.of(5), Buffer.alloc(100)]))
  }
  const heldBytes = process.memoryUsage().arrayBuffers - before
  assert.ok(heldBytes < 8 * MOST_BYTES, `${heldBytes} bytes for 200 peers that sent 100 bytes each`)
})

test('a long message that comes a byte at a time costs a few times its length, and comes out right', () => {
  const body = payloadBytes(0, 20_000)
  const reads = [...frame(5, body)].map((byte) => Buffer.of(byte))
  const messages = decode([handshakeBytes(), ...reads])
  assert.deepEqual(plain(messages.slice(1)), plain([{ type: 'bitfield', bytes: body }]))
})
