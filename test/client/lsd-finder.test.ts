import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LsdFinder } from '../../src/client/lsd-finder.js'
import type { PeerAddress } from '../../src/core/peer-address.js'
import type { LocalTorrent } from '../../src/discovery/local-discovery.js'
import { HandClock } from '../kit/hand-clock.js'
import { makeSingle } from '../kit/made-torrent.js'

const { metainfo } = makeSingle(1, 16_384)
const PEER = { host: '192.168.1.9', port: 6881 }

function setUp({
  isPatient = false,
  addAddresses = () => {},
}: {
  isPatient?: boolean
  addAddresses?: () => void
} = {}) {
  const clock = new HandClock()
  const joined = new Set<LocalTorrent>()
  const found: PeerAddress[] = []
  const failures: Error[] = []
  const desk = {
    async join(torrent: LocalTorrent, signal: AbortSignal) {
      joined.add(torrent)
      signal.addEventListener('abort', () => joined.delete(torrent))
    },
  }
  const host = {
    addAddresses: (addresses: readonly PeerAddress[], source: string) => {
      addAddresses()
      assert.equal(source, 'lsd')
      found.push(...addresses)
    },
    failed: (error: Error) => void failures.push(error),
  }
  const finder = new LsdFinder({ torrent: metainfo, desk, host, clock, isPatient })
  return { finder, clock, joined, found, failures }
}

test('it takes part from its start to its stop, as often as that happens', async () => {
  const { finder, joined, found } = setUp()
  for (let round = 1; round <= 2; round++) {
    finder.start()
    finder.start()
    assert.deepEqual(
      [...joined].map(({ infoHash }) => infoHash),
      [metainfo.infoHash.hex],
    )
    for (const { onPeer } of joined) onPeer(PEER)
    await finder.stop()
    assert.equal(joined.size, 0)
  }
  assert.deepEqual(found, [PEER, PEER])
})

test('there is hope for as long as neighbours take to answer, and for those who wait, always', async () => {
  const [hasty, patient] = [setUp(), setUp({ isPatient: true })]
  for (const { finder, clock } of [hasty, patient]) {
    finder.start()
    clock.pass(14_999)
    assert.ok(finder.isHopeful)
    clock.pass(1)
  }
  assert.equal(hasty.finder.isHopeful, false)
  assert.equal(patient.finder.isHopeful, true)
  await hasty.finder.stop()
  hasty.finder.start()
  assert.ok(hasty.finder.isHopeful)
})

test('a fault of ours goes to the torrent, and not to the socket', () => {
  const fault = new Error('ours')
  const { finder, joined, failures } = setUp({
    addAddresses: () => {
      throw fault
    },
  })
  finder.start()
  for (const { onPeer } of joined) onPeer(PEER)
  assert.deepEqual(failures, [fault])
})
