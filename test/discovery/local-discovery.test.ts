import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { systemClock } from '../../src/core/clock.js'
import { addressKey, type PeerAddress } from '../../src/core/peer-address.js'
import { LocalDiscovery, type LocalDiscoveryParts } from '../../src/discovery/local-discovery.js'
import { encodeLocalAnnounce } from '../../src/wire/lsd-messages.js'
import { HandClock } from '../kit/hand-clock.js'
import { Inbox } from '../kit/inbox.js'
import { GROUP, GROUP_PORT, LOOPBACK, MulticastEar } from '../kit/multicast-ear.js'

const TIMEOUT = { timeout: 10_000 }
const MODULE = join(import.meta.dirname, '..', '..', 'src', 'discovery', 'local-discovery.js')

const someHash = () => randomBytes(20).toString('hex')

function open(t: TestContext, port: number, parts: Partial<LocalDiscoveryParts> = {}): LocalDiscovery {
  const discovery = new LocalDiscovery({
    clock: systemClock,
    port: () => port,
    cookie: someHash(),
    readLan: () => LOOPBACK,
    ...parts,
  })
  t.after(() => discovery.close())
  return discovery
}

const packet = (infoHash: string, port: number, cookie = 'x') =>
  encodeLocalAnnounce(`${GROUP}:${GROUP_PORT}`, { port, infoHashes: [infoHash], cookie })

test('whoever comes later is found by those who are there', TIMEOUT, async (t) => {
  const infoHash = someHash()
  const [first, second] = [open(t, 1_001), open(t, 1_002)]
  const ear = await MulticastEar.open(t, [infoHash])
  const found = new Inbox<string>()
  first.join({ infoHash, onPeer: (address) => found.put(addressKey(address)) })
  await ear.until(1)
  second.join({ infoHash, onPeer: () => assert.fail('the first has said nothing since') })
  await ear.until(2)
  assert.equal(await found.next(), '127.0.0.1:1002')
})

test('few torrents are announced one by one, many share packets', TIMEOUT, async (t) => {
  for (const [count, packetCount] of [
    [5, 5],
    [6, 1],
    [45, 3],
  ] as const) {
    const hashes = Array.from({ length: count }, someHash)
    const ear = await MulticastEar.open(t, hashes)
    const discovery = open(t, 1_003)
    for (const infoHash of hashes) discovery.join({ infoHash, onPeer() {} })
    await ear.until(packetCount)
    assert.deepEqual(ear.heard.flatMap(({ infoHashes }) => infoHashes).sort(), hashes.sort())
    assert.ok(ear.heard.every(({ port }) => port === 1_003))
  }
})

test('a torrent that has left is announced no more, and its peers are not told of', TIMEOUT, async (t) => {
  const [gone, here] = [someHash(), someHash()]
  const ear = await MulticastEar.open(t, [gone, here])
  const discovery = open(t, 1_004)
  const found = new Inbox<PeerAddress>()
  discovery.join({ infoHash: gone, onPeer: () => assert.fail('it has left') })()
  discovery.join({ infoHash: here, onPeer: (address) => found.put(address) })
  await ear.until(1)
  assert.deepEqual(
    ear.heard.flatMap(({ infoHashes }) => infoHashes),
    [here],
  )
  await ear.say(packet(gone, 1_005))
  await ear.say(packet(here, 1_006))
  assert.deepEqual(await found.next(), { host: '127.0.0.1', port: 1_006 })
})

test('a torrent that comes back is announced once, and heard by its new owner', TIMEOUT, async (t) => {
  const infoHash = someHash()
  const ear = await MulticastEar.open(t, [infoHash])
  const discovery = open(t, 1_007)
  const leave = discovery.join({ infoHash, onPeer: () => assert.fail('it is over') })
  await ear.until(1)
  const found = new Inbox<PeerAddress>()
  discovery.join({ infoHash, onPeer: (address) => found.put(address) })
  leave()
  await ear.say(packet(infoHash, 1_008))
  assert.deepEqual(await found.next(), { host: '127.0.0.1', port: 1_008 })
  assert.equal(ear.heard.length, 2)
})

test('what is no announce, our own, or for nobody here, is passed over', TIMEOUT, async (t) => {
  const infoHash = someHash()
  const cookie = someHash()
  const ear = await MulticastEar.open(t, [infoHash])
  const found = new Inbox<PeerAddress>()
  open(t, 1_009, { cookie }).join({ infoHash, onPeer: (address) => found.put(address) })
  await ear.until(1)
  await ear.say('')
  await ear.say('BT-SEARCH * HTTP/1.1')
  await ear.say(randomBytes(5_000))
  await ear.say(packet(infoHash, 0))
  await ear.say(packet(infoHash, 1_010, cookie))
  await ear.say(packet(someHash(), 1_011))
  await ear.say(packet(infoHash, 1_012))
  assert.deepEqual(await found.next(), { host: '127.0.0.1', port: 1_012 })
  assert.equal(found.all.length, 1)
})

test('of a flood of packets only so many are read', TIMEOUT, async (t) => {
  const infoHash = someHash()
  const ear = await MulticastEar.open(t, [infoHash])
  const clock = new HandClock()
  let count = 0
  const discovery = open(t, 1_013, { clock, after: clock.after })
  discovery.join({ infoHash, onPeer: () => void count++ })
  clock.pass(0)
  await ear.until(1)
  for (let said = 1; said <= 800; said++) {
    await ear.say(packet(infoHash, 1_014))
    await ear.until(1 + said)
  }
  assert.ok(count > 300 && count < 500, `${count}`) // it has heard itself, and perhaps other tests
})

test('a machine without a network, and one whose networks refuse, go without', TIMEOUT, async (t) => {
  const infoHash = someHash()
  for (const name of ['192.0.2.99', 'nonsense']) {
    const readLan = () => ({ interfaces: [{ family: 4 as const, name }], networks: [] })
    open(t, 1_015, { readLan }).join({ infoHash, onPeer() {} })
  }
  open(t, 1_016, { readLan: () => ({ interfaces: [], networks: [] }) }).join({ infoHash, onPeer() {} })
  const ear = await MulticastEar.open(t, [infoHash])
  open(t, 1_017).join({ infoHash, onPeer() {} })
  await ear.until(1)
  assert.equal(ear.heard[0]?.port, 1_017)
})

test('it keeps no process alive, and can be closed at any time', TIMEOUT, async (t) => {
  const closing = open(t, 1_018)
  closing.join({ infoHash: someHash(), onPeer() {} })
  await closing.close()
  const script = `
    import { LocalDiscovery } from ${JSON.stringify(MODULE)}
    const clock = { now: () => performance.now() }
    const readLan = () => (${JSON.stringify(LOOPBACK)})
    const discovery = new LocalDiscovery({ clock, port: () => 1, cookie: 'x', readLan })
    discovery.join({ infoHash: '${someHash()}', onPeer() {} })
    setTimeout(() => console.log('over'), 300)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  assert.equal(stdout, 'over\n')
})
