import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { DhtDesk } from '../../src/client/dht-desk.js'
import { DhtFinder } from '../../src/client/dht-finder.js'
import { systemClock } from '../../src/core/clock.js'
import { addressKey, type PeerAddress } from '../../src/core/peer-address.js'
import type { PrivateReach } from '../../src/core/private-reach.js'
import type { NodeAddress } from '../../src/metainfo/metainfo.js'
import { Inbox } from '../kit/inbox.js'
import { compactPeer, type NodeScript, ScriptedNode } from '../kit/scripted-node.js'

const MINUTE = 60_000

interface Scene {
  readonly bootstrap?: readonly NodeAddress[]
  readonly nodes?: readonly NodeAddress[]
  readonly reach?: PrivateReach
  readonly isReadOnly?: boolean
  readonly hasOthers?: boolean
}

/** A finder whose pauses end when the test says so. */
function scene(t: TestContext, given: Scene) {
  const { bootstrap = [], nodes = [], reach = 'spelled out', isReadOnly = true, hasOthers = false } = given
  const desk = new DhtDesk({ bootstrap, isReadOnly, nodesPath: undefined }, systemClock, () => 4321)
  t.after(() => desk.close())
  const pauses = new Inbox<{ readonly ms: number; readonly end: () => void }>()
  const world = { connectedPeers: 0, found: [] as string[], failures: [] as Error[] }
  const bytes = randomBytes(20)
  const finder = new DhtFinder({
    torrent: { infoHash: { bytes, hex: bytes.toString('hex') }, nodes },
    reach,
    desk,
    host: {
      addAddresses: (addresses: readonly PeerAddress[]) =>
        void world.found.push(...addresses.map(addressKey)),
      connectedPeers: () => world.connectedPeers,
      failed: (error) => void world.failures.push(error),
    },
    random: () => 0.5,
    hasOthers: () => hasOthers,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        signal.addEventListener('abort', () => resolve())
        pauses.put({ ms, end: resolve })
      }),
  })
  t.after(() => finder.stop())
  return { finder, desk, pauses, world }
}

const telling: NodeScript = (question, { id }) =>
  question.answer({ id, token: 'token', values: [compactPeer({ host: '127.0.0.1', port: 2001 })] })

const searchesOf = (hub: ScriptedNode) => hub.methods.filter((method) => method === 'get_peers').length

test('while we are alone it searches again after ever longer pauses, then every quarter of an hour', async (t) => {
  const hub = await ScriptedNode.listen(t, telling)
  const { finder, pauses, world } = scene(t, { bootstrap: [hub.address] })
  finder.start()
  const lengths: number[] = []
  for (let round = 1; round <= 8; round++) {
    const pause = await pauses.next()
    assert.equal(searchesOf(hub), round)
    lengths.push(pause.ms)
    pause.end()
  }
  assert.deepEqual(
    lengths,
    [15, 30, 60, 120, 240, 480, 900, 900].map((seconds) => seconds * 1000),
  )
  assert.deepEqual(new Set(world.found), new Set(['127.0.0.1:2001']))
  assert.ok(finder.isHopeful)
  assert.equal(finder.trouble, undefined)
})

test('who has peers searches every quarter of an hour', async (t) => {
  const hub = await ScriptedNode.listen(t, telling)
  const { finder, pauses, world } = scene(t, { bootstrap: [hub.address] })
  finder.start()
  world.connectedPeers = 1
  for (const ms of [15_000, 15 * MINUTE, 15_000, 15 * MINUTE]) {
    const pause = await pauses.next()
    assert.equal(pause.ms, ms)
    pause.end()
  }
  await pauses.next()
  assert.equal(searchesOf(hub), 3)
})

test('a fetch that has others to ask gives them a moment first, a full node does not wait', async (t) => {
  const hub = await ScriptedNode.listen(t, telling)
  const patient = scene(t, { bootstrap: [hub.address], hasOthers: true })
  patient.finder.start()
  const grace = await patient.pauses.next()
  assert.equal(grace.ms, 2_000)
  assert.equal(searchesOf(hub), 0)
  grace.end()
  await patient.pauses.next()
  assert.equal(searchesOf(hub), 1)
  const full = scene(t, { bootstrap: [hub.address], hasOthers: true, isReadOnly: false })
  full.finder.start()
  assert.equal((await full.pauses.next()).ms, 15_000)
})

test('without any node it says so, and is without hope after three searches, until there are nodes', async (t) => {
  const { finder, desk, pauses } = scene(t, {})
  finder.start()
  for (let round = 1; round <= 3; round++) {
    const pause = await pauses.next()
    assert.equal(finder.isHopeful, round < 3)
    assert.equal(finder.trouble, 'DHT: no node answers')
    if (round === 3) desk.suggest([(await ScriptedNode.listen(t)).address])
    pause.end()
  }
  await pauses.next()
  assert.ok(finder.isHopeful)
  assert.equal(finder.trouble, undefined)
})

test('nodes that the torrent names are a way in', async (t) => {
  const hub = await ScriptedNode.listen(t, telling)
  const { finder, pauses, world } = scene(t, { nodes: [hub.address] })
  finder.start()
  await pauses.next()
  assert.deepEqual(new Set(world.found), new Set(['127.0.0.1:2001']))
})

test('those of a torrent that may name nothing private are not asked when they are beside us', async (t) => {
  const hub = await ScriptedNode.listen(t, telling)
  const { finder, pauses } = scene(t, { nodes: [hub.address], reach: 'never' })
  finder.start()
  await pauses.next()
  assert.deepEqual(hub.methods, [])
  assert.equal(finder.trouble, 'DHT: no node answers')
})

test('who is stopped finds nothing any more, and begins anew when it is started again', async (t) => {
  const hub = await ScriptedNode.listen(t, telling)
  const { finder, pauses, world } = scene(t, { bootstrap: [hub.address] })
  finder.start()
  finder.start()
  await finder.stop()
  assert.deepEqual(world.found, [])
  finder.start()
  await pauses.next()
  await finder.stop()
  finder.start()
  await pauses.next()
  assert.equal(searchesOf(hub), 2)
  assert.deepEqual(world.failures, [])
})

test('a desk that is closed at any moment leaves nothing open and fails nobody', async (t) => {
  const hub = await ScriptedNode.listen(t, () => {})
  for (const turns of [0, 1, 5]) {
    const { finder, desk, world } = scene(t, { bootstrap: [hub.address] })
    finder.start()
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
    await finder.stop()
    await desk.close()
    assert.deepEqual(world.failures, [])
  }
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout'))
})
