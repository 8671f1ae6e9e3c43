import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { WebConnections } from '../../src/webseed/web-connections.js'

const one = {}
const other = {}

test('a host has so many connections, and all hosts together', () => {
  const connections = new WebConnections()
  for (let count = 0; count < 4; count++) assert.ok(connections.take('a', one, 4))
  assert.equal(connections.take('a', one, 4), false)
  assert.ok(connections.take('a', one, 8))
  let taken = 5
  while (connections.take(`h${taken % 20}`, one, 4)) taken++
  assert.equal(taken, LIMITS.webSeedConnectionsInAll)
  assert.equal(connections.take('b', other, 4), false)
})

test('nobody waits for another to get a first connection', () => {
  const connections = new WebConnections()
  while (connections.take('a', one, 4));
  assert.ok(connections.take('a', other, 4))
  assert.equal(connections.take('a', other, 4), false)
  connections.give('a', one)
  assert.equal(connections.take('a', one, 4), false)
})

test('what is given back can be taken again', () => {
  const connections = new WebConnections()
  connections.take('a', one, 1)
  assert.equal(connections.take('a', one, 1), false)
  connections.give('a', one)
  assert.ok(connections.take('a', one, 1))
})
