import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetadataServer } from '../../src/client/metadata-server.js'
import { PeerExtensions } from '../../src/client/peer-extensions.js'
import { PeerError } from '../../src/core/errors.js'
import { decodeExtensionHandshake } from '../../src/wire/extension-handshake.js'
import { EXTENSION_IDS, type ExtensionIds } from '../../src/wire/extension-ids.js'
import {
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
} from '../../src/wire/metadata-messages.js'
import { HandClock } from '../kit/hand-clock.js'

const METADATA = Buffer.alloc(40_000, 'metadata')
const PEER_ID = 7

function setUp(extensionIds: ExtensionIds = new Map([['ut_metadata', PEER_ID]])) {
  const clock = new HandClock()
  const sent: Buffer[] = []
  const session = { send: (bytes: Buffer) => void sent.push(bytes) }
  const peer = { extensionIds, session, address: { host: '192.0.2.1', port: 1 }, pieceLost() {} }
  const extensions = new PeerExtensions([new MetadataServer(METADATA, clock)], {
    metadataBytes: METADATA.length,
    port: () => 6881,
    isUploadOnly: () => false,
  })
  const hear = (message: Buffer) => extensions.hear(peer, message[5]!, message.subarray(6))
  return { clock, sent, hear, extensions }
}

/** As a peer sends it: under the id that we gave. */
const request = (piece: number) => encodeMetadataRequest(EXTENSION_IDS.ut_metadata, piece)

test('our handshake offers the metadata and says how long it is', () => {
  const { ids, metadataBytes } = decodeExtensionHandshake(
    setUp().extensions.handshakeFor('192.0.2.1').subarray(6),
  )
  assert.deepEqual([...ids], [['ut_metadata', EXTENSION_IDS.ut_metadata]])
  assert.equal(metadataBytes, METADATA.length)
})

test('every piece is given under the id of the peer', () => {
  const { sent, hear } = setUp()
  for (const piece of [2, 0, 1]) hear(request(piece))
  assert.deepEqual(
    sent,
    [2, 0, 1].map((piece) => encodeMetadataData(PEER_ID, METADATA, piece)),
  )
})

test('a piece that there is not is refused', () => {
  const { sent, hear } = setUp()
  hear(request(3))
  hear(request(Number.MAX_SAFE_INTEGER))
  assert.deepEqual(
    sent,
    [3, Number.MAX_SAFE_INTEGER].map((piece) => encodeMetadataReject(PEER_ID, piece)),
  )
})

test('a flood of requests is refused, and a peer that has waited is served again', () => {
  const { clock, sent, hear } = setUp()
  for (let count = 0; count < 100; count++) hear(request(0))
  const data = encodeMetadataData(PEER_ID, METADATA, 0)
  assert.equal(sent.filter((bytes) => bytes.equals(data)).length, 32)
  assert.equal(sent.filter((bytes) => bytes.equals(encodeMetadataReject(PEER_ID, 0))).length, 68)
  clock.pass(1_000)
  hear(request(0))
  assert.deepEqual(sent.at(-1), data)
})

test('a peer that has not said how to send it metadata gets none', () => {
  const { sent, hear } = setUp(new Map())
  hear(request(0))
  assert.deepEqual(sent, [])
})

test('data, refusals and extensions that we did not offer are ignored; what is no message ends the session', () => {
  const { sent, hear } = setUp()
  hear(encodeMetadataData(EXTENSION_IDS.ut_metadata, METADATA, 0))
  hear(encodeMetadataReject(EXTENSION_IDS.ut_metadata, 0))
  hear(encodeMetadataRequest(99, 0))
  assert.deepEqual(sent, [])
  const broken = Buffer.concat([request(0).subarray(0, 6), Buffer.from('nonsense')])
  assert.throws(
    () => hear(broken),
    (error) => error instanceof PeerError && error.code === 'BAD_MESSAGE',
  )
})
