import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnAddresses } from '../../src/client/own-addresses.js'
import { ipBytes } from '../../src/core/ip-bytes.js'
import { peerPriority } from '../../src/swarm/peer-priority.js'

const HOSTS = ['127.0.0.1', '192.168.1.5', '::1', 'fd00::5']
const PORT = 6881

const behindNat = () =>
  new OwnAddresses(
    () => PORT,
    () => HOSTS,
  )

test('we are at our own port of all our addresses, and of every loopback address', () => {
  const own = behindNat()
  for (const host of ['192.168.1.5', 'fd00::5', '::1', '127.0.0.1', '127.3.4.5']) {
    assert.ok(own.has({ host, port: PORT }), host)
    assert.equal(own.has({ host, port: PORT + 1 }), false)
  }
  assert.equal(own.has({ host: '192.168.1.6', port: PORT }), false)
})

test('a priority takes the address that the peer sees: ours on its network, or the one that peers tell', () => {
  const own = behindNat()
  const priority = (host: string) => own.priorityOf({ host, port: 1 })
  const between = (ours: string, theirs: string) =>
    peerPriority({ host: ours, port: PORT }, { host: theirs, port: 1 })
  assert.equal(priority('10.1.1.1'), between('192.168.1.5', '10.1.1.1'))
  assert.equal(priority('fd00::9'), between('fd00::5', 'fd00::9'))
  assert.equal(priority('127.0.0.9'), between('127.0.0.1', '127.0.0.9'))
  assert.equal(priority('8.8.8.8'), 0)
  assert.equal(own.knownFamilyCount, 0)
  for (const teller of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) own.seenAs(ipBytes('81.2.3.4')!, teller)
  assert.equal(own.knownFamilyCount, 1)
  assert.equal(priority('8.8.8.8'), between('81.2.3.4', '8.8.8.8'))
  assert.equal(priority('2a00::1'), 0)
})

test('liars who say one thing and then another change priorities once for each family', () => {
  const own = behindNat()
  for (let round = 0; round < 20; round++) {
    for (const teller of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) {
      own.seenAs(ipBytes(`81.2.3.${round}`)!, teller)
      own.seenAs(ipBytes(`2a00::${round + 1}`)!, `${teller}0`)
    }
  }
  assert.equal(own.knownFamilyCount, 2)
})

test('the system is asked when it matters, and once', () => {
  let count = 0
  const own = new OwnAddresses(
    () => PORT,
    () => {
      count++
      return HOSTS
    },
  )
  own.has({ host: '8.8.8.8', port: 1 })
  assert.equal(count, 0)
  own.has({ host: '8.8.8.8', port: PORT })
  own.priorityOf({ host: '8.8.8.8', port: 1 })
  assert.equal(count, 1)
})
