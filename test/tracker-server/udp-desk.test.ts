import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConnectionIds, type IdHolder } from '../../src/tracker-server/connection-ids.js'
import { SipHash } from '../../src/tracker-server/sip-hash.js'
import { UdpAnswer } from '../../src/tracker-server/udp-answer.js'
import { UdpDesk } from '../../src/tracker-server/udp-desk.js'
import { infoHash, type SampleOptions, type SampleTracker, sampleTracker } from './sample-tracker.js'
import { announcePacket, connectPacket, scrapePacket } from './udp-packets.js'

interface UdpTracker extends SampleTracker {
  readonly udp: UdpDesk
  /** The answer; empty for silence. */
  ask(packet: Uint8Array, source?: IdHolder): Buffer
  /** A connection id for the source. */
  connect(source?: IdHolder): Buffer
}

const home: IdHolder = { address: Uint8Array.of(10, 0, 0, 1), addressBytes: 4 }
const ipv6: IdHolder = { address: new Uint8Array(16).fill(0xfc), addressBytes: 16 }

function hostOf(lastByte: number): IdHolder {
  return { address: Uint8Array.of(10, 0, 0, lastByte), addressBytes: 4 }
}

function udpTracker(options: SampleOptions & { readonly mayName?: boolean } = {}): UdpTracker {
  const tracker = sampleTracker(options)
  const ids = new ConnectionIds(new SipHash(new Uint8Array(16).fill(9), 'mac'))
  const udp = new UdpDesk(tracker.desk, ids, () => options.mayName ?? false)
  const answer = new UdpAnswer()
  const ask = (packet: Uint8Array, source = home) =>
    Buffer.from(answer.bytes.subarray(0, udp.receive(Buffer.from(packet), source, answer)))
  return { ...tracker, udp, ask, connect: (source = home) => ask(connectPacket(7), source).subarray(8, 16) }
}

test('a connect is answered in as many bytes, with an id and its transaction', () => {
  const answer = udpTracker().ask(connectPacket(0x01020304))
  assert.equal(answer.length, 16)
  assert.equal(answer.subarray(0, 8).toString('hex'), '0000000001020304')
})

test('an announce is answered with interval, counts and the other peers', () => {
  const tracker = udpTracker()
  tracker.ask(announcePacket(tracker.connect(hostOf(2)), { port: 2_000, left: 0n }), hostOf(2))
  const answer = tracker.ask(announcePacket(tracker.connect(), { port: 1_000, transaction: 99 }))
  assert.deepEqual([answer.readInt32BE(0), answer.readInt32BE(4)], [1, 99])
  assert.deepEqual([answer.readInt32BE(8), answer.readInt32BE(12), answer.readInt32BE(16)], [1_000, 1, 1])
  assert.deepEqual([...answer.subarray(20)], [10, 0, 0, 2, 2_000 >> 8, 2_000 & 0xff])
})

test('IPv6 sources hear of IPv6 peers, in 18 bytes each', () => {
  const tracker = udpTracker()
  tracker.ask(announcePacket(tracker.connect(), { port: 5 }))
  const other: IdHolder = { address: new Uint8Array(16).fill(0xfd), addressBytes: 16 }
  tracker.ask(announcePacket(tracker.connect(other), { port: 256 }), other)
  const answer = tracker.ask(announcePacket(tracker.connect(ipv6), { port: 1 }), ipv6)
  assert.deepEqual([...answer.subarray(20)], [...new Uint8Array(16).fill(0xfd), 1, 0])
  assert.deepEqual([answer.readInt32BE(12), answer.readInt32BE(16)], [3, 0])
})

test('stopped removes the peer, and is told of nobody', () => {
  const tracker = udpTracker()
  const id = tracker.connect()
  tracker.ask(announcePacket(id, { port: 1 }))
  assert.equal(tracker.ask(announcePacket(id, { port: 1, event: 3 })).length, 20)
  assert.equal(tracker.registry.peerCount, 0)
})

test('no answer is larger than one packet, however many peers are wanted', () => {
  const tracker = udpTracker({ maxPeersPerAnswer: 1_000 })
  for (let port = 1; port <= 600; port++) tracker.ask(announcePacket(tracker.connect(), { port }))
  const answer = tracker.ask(announcePacket(tracker.connect(), { port: 700, wanted: 100_000 }))
  assert.equal(answer.length, 20 + 6 * 230)
})

test('the address in the packet counts only for those who may name it', () => {
  for (const mayName of [false, true]) {
    const tracker = udpTracker({ mayName })
    tracker.ask(announcePacket(tracker.connect(), { port: 1, ip: 0x01020304 }))
    const answer = tracker.ask(announcePacket(tracker.connect(), { port: 2 }))
    assert.deepEqual([...answer.subarray(20, 24)], mayName ? [1, 2, 3, 4] : [10, 0, 0, 1])
  }
})

test('a scrape is answered in the order of its torrents, in fewer bytes than it has', () => {
  const tracker = udpTracker()
  const id = tracker.connect()
  tracker.ask(announcePacket(id, { port: 1, left: 0n, event: 1 }))
  const packet = scrapePacket(id, [infoHash(9), infoHash(1)])
  const answer = tracker.ask(packet)
  const counts = [0, 1, 2, 3, 4, 5].map((word) => answer.readInt32BE(8 + word * 4))
  assert.deepEqual(counts, [0, 0, 0, 1, 1, 0])
  assert.equal(answer.length, 8 + 24)
  const all = tracker.ask(
    scrapePacket(
      id,
      Array.from({ length: 74 }, () => infoHash(1)),
    ),
  )
  assert.equal(all.length, 8 + 74 * 12)
  assert.equal(
    tracker
      .ask(
        scrapePacket(
          id,
          Array.from({ length: 75 }, () => infoHash(1)),
        ),
      )
      .readInt32BE(0),
    3,
  )
})

test('who may not is told why, when its id is right', () => {
  const tracker = udpTracker({ torrents: { permits: () => false } })
  const answer = tracker.ask(announcePacket(tracker.connect(), { port: 1, transaction: 5 }))
  assert.deepEqual([answer.readInt32BE(0), answer.readInt32BE(4)], [3, 5])
  assert.match(answer.subarray(8).toString(), /does not serve/)
  assert.equal(tracker.registry.peerCount, 0)
})

test('port 0, broken options and unknown actions get a reason', () => {
  const tracker = udpTracker()
  const id = tracker.connect()
  const broken = Buffer.concat([announcePacket(id, { port: 1 }), Buffer.of(2, 200, 1)])
  const unknown = announcePacket(id, { port: 1 })
  unknown.writeInt32BE(77, 8)
  for (const packet of [announcePacket(id, { port: 0 }), broken, unknown]) {
    assert.equal(tracker.ask(packet).readInt32BE(0), 3)
  }
})

test('the options of BEP 41 are passed over', () => {
  const tracker = udpTracker()
  const urlData = Buffer.concat([Buffer.of(1, 2, 9), Buffer.from('/announce'), Buffer.of(0)])
  const packet = Buffer.concat([announcePacket(tracker.connect(), { port: 1 }), urlData])
  assert.equal(tracker.ask(packet).readInt32BE(0), 1)
})

test('wrong, foreign and old ids meet silence', () => {
  const tracker = udpTracker()
  const id = tracker.connect()
  assert.equal(tracker.ask(announcePacket(Buffer.alloc(8), { port: 1 })).length, 0)
  assert.equal(tracker.ask(announcePacket(id, { port: 1 }), hostOf(2)).length, 0)
  assert.equal(tracker.ask(scrapePacket(id, [infoHash(1)]), ipv6).length, 0)
  tracker.pass(121)
  assert.equal(tracker.ask(announcePacket(id, { port: 1 })).length, 0)
  assert.equal(tracker.udp.counts.ignored, 4)
  assert.equal(tracker.registry.peerCount, 0)
})

test('without a right id no datagram at all gets back more than it has', () => {
  const tracker = udpTracker()
  const protocol = Buffer.from('0000041727101980', 'hex')
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 2_000 }).map((rest) => Buffer.concat([protocol, rest])),
    fc.tuple(fc.nat({ max: 3 }), fc.uint8Array({ maxLength: 200 })).map(([action, rest]) => {
      return Buffer.concat([protocol, Buffer.of(0, 0, 0, action), rest])
    }),
  )
  fc.assert(
    fc.property(datagram, (packet) => {
      assert.ok(tracker.ask(packet).length <= packet.length)
    }),
  )
})

test('with a right id anything may follow: the answer is one, or an error, in one packet', () => {
  const tracker = udpTracker()
  const id = tracker.connect()
  const action = fc.oneof(fc.nat({ max: 4 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
  fc.assert(
    fc.property(action, fc.uint8Array({ maxLength: 2_000 }), (number, rest) => {
      const head = Buffer.alloc(12)
      id.copy(head)
      head.writeInt32BE(number, 8)
      const packet = Buffer.concat([head, rest])
      const answer = tracker.ask(packet)
      if (packet.length < 16) return assert.equal(answer.length, 0)
      if (number === 0) return assert.equal(answer.length, 0)
      assert.ok([1, 2, 3].includes(answer.readInt32BE(0)) && answer.length <= 1_400)
      assert.ok(answer.subarray(4, 8).equals(packet.subarray(12, 16)))
    }),
  )
})
