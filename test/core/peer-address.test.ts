import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressKey, householdOf } from '../../src/core/peer-address.js'

test('an IPv6 address stands in brackets before its port', () => {
  assert.equal(addressKey({ host: '203.0.113.5', port: 6881 }), '203.0.113.5:6881')
  assert.equal(addressKey({ host: '2001:db8::1', port: 6881 }), '[2001:db8::1]:6881')
})

test('what one host can be called is one household, and no more than that', () => {
  const household = householdOf('2001:db8:1:2::1')
  for (const host of ['2001:DB8:1:2::1', '2001:db8:1:2:ffff::', '2001:0db8:0001:0002:a:b:c:d']) {
    assert.equal(householdOf(host), household)
  }
  assert.notEqual(householdOf('2001:db8:1:3::1'), household)
  assert.notEqual(householdOf('203.0.113.5'), householdOf('203.0.113.6'))
  assert.equal(householdOf('203.0.113.5'), householdOf('::ffff:203.0.113.5'))
})
