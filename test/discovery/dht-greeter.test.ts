import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressKey, type PeerAddress } from '../../src/core/peer-address.js'
import { DhtGreeter } from '../../src/discovery/dht-greeter.js'

/** Nodes that answer when they are told to. */
function scene(names: Readonly<Record<string, readonly string[]>> = {}) {
  const greeted: string[] = []
  const answers: (() => void)[] = []
  const known = new Set<string>()
  const greeter = new DhtGreeter({
    isKnown: (node: PeerAddress) => known.has(addressKey(node)),
    greet: (node) => {
      greeted.push(addressKey(node))
      return new Promise((resolve) => answers.push(resolve))
    },
    resolve: async (name) => names[name] ?? Promise.reject(new Error('no such name')),
  })
  return { greeter, greeted, answers, known, turn: () => new Promise(setImmediate) }
}

const nodesOf = (count: number, host = '10.0.0.1') =>
  Array.from({ length: count }, (_, at) => ({ host, port: 2_001 + at }))

test('a few are greeted at a time, and those that the user named come next', async () => {
  const { greeter, greeted, answers, turn } = scene()
  greeter.greet(nodesOf(20), 'stranger')
  greeter.greet([{ host: '10.9.9.9', port: 9 }], 'user')
  await turn()
  assert.equal(greeted.length, 8)
  answers[3]!()
  await turn()
  assert.deepEqual(greeted.slice(8), ['10.9.9.9:9'])
})

test('too many names are dropped, but never those of the user', async () => {
  const { greeter, greeted, answers, turn } = scene()
  greeter.greet(nodesOf(5_000), 'stranger')
  greeter.greet([{ host: '10.9.9.9', port: 9 }], 'user')
  await turn()
  for (let at = 0; at < answers.length; at++) {
    answers[at]!()
    await turn()
  }
  assert.equal(greeted.length, 200 + 1)
  assert.equal(greeted[8], '10.9.9.9:9')
})

test('who is known, has no address or is no host is not greeted', async () => {
  const { greeter, greeted, known, turn } = scene()
  known.add('10.0.0.1:2001')
  const hosts = ['10.0.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.1', '::1', 'nowhere.example']
  greeter.greet(
    hosts.map((host) => ({ host, port: 2_001 })),
    'user',
  )
  await greeter.settled(() => false, 5_000)
  await turn()
  assert.deepEqual(greeted, [])
})

test('a stranger cannot send us to the services of others', async () => {
  const { greeter, greeted, turn } = scene()
  greeter.greet([{ host: '8.8.8.8', port: 53 }], 'stranger')
  await turn()
  assert.deepEqual(greeted, [])
  greeter.greet([{ host: '8.8.8.8', port: 53 }], 'user')
  await turn()
  assert.deepEqual(greeted, ['8.8.8.8:53'])
})

test('a name that a stranger gives leads to public addresses only, one that the user gives anywhere', async () => {
  const names = { 'a.example': ['127.0.0.1', '10.0.0.1', '8.8.8.8'] }
  const { greeter, greeted, turn } = scene(names)
  greeter.greet([{ host: 'a.example', port: 2_001 }], 'stranger')
  await turn()
  assert.deepEqual(greeted, ['8.8.8.8:2001'])
  greeter.greet([{ host: 'a.example', port: 2 }], 'user')
  await turn()
  assert.deepEqual(greeted.slice(1), ['127.0.0.1:2', '10.0.0.1:2', '8.8.8.8:2'])
})

test('it is settled when everybody has answered, when it is enough, when time is up, or when it closes', async () => {
  const { greeter, answers, turn } = scene()
  await greeter.settled(() => false, 60_000)
  greeter.greet(nodesOf(3), 'stranger')
  let isEnough = false
  const enough = greeter.settled(() => isEnough, 60_000)
  const all = greeter.settled(() => false, 60_000)
  await greeter.settled(() => false, 1)
  await turn()
  isEnough = true
  answers[0]!()
  await enough
  answers[1]!()
  answers[2]!()
  await all
  greeter.greet(nodesOf(1), 'stranger')
  const never = greeter.settled(() => false, 60_000)
  greeter.close()
  await never
})
