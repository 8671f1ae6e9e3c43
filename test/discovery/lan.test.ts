import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os, { networkInterfaces } from 'node:os'
import { type TestContext, test } from 'node:test'
import { isNear, readLan, readOwnHosts } from '../../src/discovery/lan.js'

test('neighbours are on one of our networks, or on a private one', () => {
  const networks = ['203.0.113.64/26', '2001:470:1:2::/64']
  for (const host of [
    '203.0.113.65',
    '203.0.113.127',
    '2001:470:1:2::99',
    '127.0.0.5',
    '10.1.2.3',
    '192.168.7.8',
    '169.254.1.1',
    'fe80::1%eth0',
    'fd00::7',
  ]) {
    assert.ok(isNear(host, networks), host)
  }
  for (const host of ['203.0.113.1', '203.0.113.128', '8.8.8.8', '2001:470:1:3::99', '2a00::1', 'host', '']) {
    assert.equal(isNear(host, networks), false, host)
  }
})

test('what the system tells of our networks is understood', () => {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const outer = addresses.filter(({ internal }) => !internal)
  const { interfaces, networks } = readLan()
  const ipv4 = (outer.length > 0 ? outer : addresses).filter(({ family }) => family === 'IPv4')
  assert.deepEqual(
    interfaces.filter(({ family }) => family === 4).map(({ name }) => name),
    ipv4.map(({ address }) => address),
  )
  for (const { address } of ipv4) assert.ok(isNear(address, networks))
})

/** As a service is told whose sandbox has no netlink sockets. */
function hideInterfaces(t: TestContext): void {
  const refused = new Error('uv_interface_addresses returned Unknown system error 97')
  t.mock.method(os, 'networkInterfaces', () => {
    throw refused
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
}

test('a system that tells nothing of our networks ends nothing', (t) => {
  hideInterfaces(t)
  assert.throws(networkInterfaces)
  assert.deepEqual(readLan(), { interfaces: [], networks: [] })
  assert.deepEqual(readOwnHosts(), [])
})
