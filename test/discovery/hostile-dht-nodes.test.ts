/** What other nodes may do to ours: lie, flood, lead it on, send rubbish. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { addressOf, openNode, searchBy } from '../kit/dht-nodes.js'
import { seededDice } from '../kit/dice.js'
import { mutate } from '../kit/mutate.js'
import { answerPlainly, compactPeer, type NodeScript, ScriptedNode } from '../kit/scripted-node.js'
import { eventually } from '../kit/seeding.js'

const peersOf = (count: number, host = '127.0.0.1') =>
  Array.from({ length: count }, (_, at) => compactPeer({ host, port: 2_001 + at }))

const telling =
  (parts: object): NodeScript =>
  (question, { id }) =>
    question.answer({ id, token: 'token', ...parts })

describe('hostile nodes', { concurrency: true }, () => {
  test('one of them brings so many peers and no more, and all of them together', async (t) => {
    const one = await ScriptedNode.listen(t, telling({ values: peersOf(400) }))
    const node = await openNode(t, { bootstrap: [one.address], isReadOnly: true })
    assert.equal((await searchBy(node, randomBytes(20))).length, LIMITS.dhtPeersPerAnswer)
    const many = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        ScriptedNode.listen(t, telling({ values: peersOf(100, `127.0.1.${at}`) })),
      ),
    )
    const bootstrap = many.map(({ address }) => address)
    const other = await openNode(t, { bootstrap, isReadOnly: true })
    await eventually(() => other.nodeCount === many.length)
    const lateCount = many.length - LIMITS.dhtPeersPerLookup / LIMITS.dhtPeersPerAnswer
    const most = LIMITS.dhtPeersPerLookup + lateCount * LIMITS.dhtPeersOfEachNode
    assert.equal((await searchBy(other, randomBytes(20))).length, most)
  })

  test('those that answer first with thousands of peers silence nobody who knows one', async (t) => {
    const flood = (at: number) => telling({ values: peersOf(100, `127.0.3.${at}`) })
    const liars = await Promise.all(Array.from({ length: 15 }, (_, at) => ScriptedNode.listen(t, flood(at))))
    // It is found by way of another, when all the liars have been asked.
    const honest = await ScriptedNode.listen(t, telling({ values: peersOf(1) }))
    const nodes = Buffer.concat(liars.slice(1).map(({ compact }) => compact))
    const last = await ScriptedNode.listen(t, telling({ nodes: honest.compact }))
    const first = await ScriptedNode.listen(t, telling({ nodes: Buffer.concat([nodes, last.compact]) }))
    const node = await openNode(t, { bootstrap: [first.address, liars[0]!.address], isReadOnly: true })
    const found = await searchBy(node, randomBytes(20))
    assert.ok(found.includes('127.0.0.1:2001'))
    const each = LIMITS.dhtPeersOfEachNode
    assert.ok(found.length > LIMITS.dhtPeersPerLookup && found.length <= LIMITS.dhtPeersPerLookup + 16 * each)
  })

  test('those that know nobody but themselves end a search, and are met once', async (t) => {
    const vain: NodeScript = (question, { id, compact }) => {
      question.answer({ id, token: 'token', nodes: Buffer.concat(Array.from({ length: 20 }, () => compact)) })
    }
    const some = await Promise.all([1, 2, 3].map(() => ScriptedNode.listen(t, vain)))
    const bootstrap = some.map(({ address }) => address)
    const node = await openNode(t, { bootstrap, isReadOnly: true })
    assert.deepEqual(await searchBy(node, randomBytes(20)), [])
    assert.equal(node.nodeCount, some.length)
    for (const { methods } of some) assert.deepEqual(methods, ['ping', 'get_peers', 'announce_peer'])
  })

  test('who gives no token, or none that can be given back, is told nothing of us', async (t) => {
    const tokens = [undefined, '', 'x'.repeat(65), 7]
    const some = await Promise.all(tokens.map((token) => ScriptedNode.listen(t, telling({ token }))))
    const honest = await ScriptedNode.listen(t)
    const bootstrap = [...some, honest].map(({ address }) => address)
    const node = await openNode(t, { bootstrap, isReadOnly: true })
    await eventually(() => node.nodeCount === bootstrap.length)
    await searchBy(node, randomBytes(20))
    for (const { methods } of some) assert.deepEqual(methods, ['ping', 'get_peers'])
    assert.deepEqual(honest.methods, ['ping', 'get_peers', 'announce_peer'])
  })

  test('tokens that are refused fail no search', async (t) => {
    const picky = await ScriptedNode.listen(t, (question, { id }) => {
      if (question.method !== 'announce_peer')
        return question.answer({ id, token: 'old', values: peersOf(1) })
      question.reply(encodeBencode({ t: question.transaction, y: 'e', e: [203, 'token'] }))
    })
    const node = await openNode(t, { bootstrap: [picky.address], isReadOnly: true })
    assert.deepEqual(await searchBy(node, randomBytes(20)), ['127.0.0.1:2001'])
    assert.deepEqual(await searchBy(node, randomBytes(20)), ['127.0.0.1:2001'])
  })

  test('a token is good for the address that it was given to, and a port that nobody has is not told', async (t) => {
    const node = addressOf(await openNode(t))
    const [giver, thief] = [
      await ScriptedNode.listen(t),
      await ScriptedNode.listen(t, answerPlainly, '127.0.0.2'),
    ]
    const info_hash = randomBytes(20)
    const token = (await giver.ask(node, 'get_peers', { info_hash })).part('token') as Buffer
    const stolen = await thief.ask(node, 'announce_peer', { info_hash, port: 2001, token })
    assert.equal(stolen.refusal, 203)
    for (const port of [0, -1, 65_536, 2 ** 40])
      void giver.ask(node, 'announce_peer', { info_hash, port, token })
    await giver.ask(node, 'announce_peer', { info_hash, port: 2002, token })
    const { values } = { values: (await giver.ask(node, 'get_peers', { info_hash })).part('values') }
    assert.deepEqual(values, [compactPeer({ host: '127.0.0.1', port: 2002 })])
  })

  test('nonsense among the peers is left out', async (t) => {
    const values = [
      compactPeer({ host: '127.0.0.1', port: 0 }),
      compactPeer({ host: '0.0.0.0', port: 1 }),
      compactPeer({ host: '224.0.0.1', port: 1 }),
      compactPeer({ host: '255.255.255.255', port: 1 }),
      Buffer.alloc(18, 1),
      Buffer.alloc(0),
      7,
      compactPeer({ host: '127.0.0.1', port: 2002 }),
    ]
    const liar = await ScriptedNode.listen(t, telling({ values }))
    const node = await openNode(t, { bootstrap: [liar.address], isReadOnly: true })
    assert.deepEqual(await searchBy(node, randomBytes(20)), ['127.0.0.1:2002'])
  })

  test('a search that is led on and on ends', async (t) => {
    const infoHash = randomBytes(20)
    let near = 1_000_000
    // Each answer names nodes that are nearer still: this one, under ever new names.
    const lure: NodeScript = (question, { address }) => {
      const asked = question.part('info_hash') === undefined ? randomBytes(20) : nearer(infoHash, near)
      const named = Array.from({ length: 8 }, () =>
        Buffer.concat([nearer(infoHash, --near), compactPeer(address)]),
      )
      question.answer({ id: asked, token: 'token', nodes: Buffer.concat(named) })
    }
    const lures = await Promise.all(Array.from({ length: 30 }, () => ScriptedNode.listen(t, lure)))
    const script: NodeScript = (question, { id }) => {
      const named = lures.map(({ address }) =>
        Buffer.concat([nearer(infoHash, --near), compactPeer(address)]),
      )
      question.answer({ id, token: 'token', nodes: Buffer.concat(named) })
    }
    const hub = await ScriptedNode.listen(t, script)
    const node = await openNode(t, { bootstrap: [hub.address], isReadOnly: true })
    await searchBy(node, infoHash)
    const asked = lures.flatMap(({ methods }) => methods).filter((method) => method === 'get_peers')
    assert.ok(asked.length > 0 && asked.length <= LIMITS.dhtQuestionsPerLookup, `${asked.length}`)
  })

  test('of silent ones a search gives up, and it finds what the others know', async (t) => {
    const silent = await Promise.all(Array.from({ length: 20 }, () => ScriptedNode.listen(t, () => {})))
    const nodes = Buffer.concat(silent.map(({ compact }) => compact))
    const hub = await ScriptedNode.listen(t, telling({ nodes, values: peersOf(1) }))
    const node = await openNode(t, { bootstrap: [hub.address], isReadOnly: true })
    assert.deepEqual(await searchBy(node, randomBytes(20)), ['127.0.0.1:2001'])
    assert.equal(node.nodeCount, 1)
  })

  test('nobody answers for another: neither from another address, nor by guessing, nor twice', async (t) => {
    const values = peersOf(1)
    const forger = await ScriptedNode.listen(t, () => {})
    let asker: PeerAddress | undefined
    const slow = await ScriptedNode.listen(t, (question, { id }) => {
      if (question.method !== 'get_peers') return question.answer({ id })
      asker = question.from
      const forged = { y: 'r', r: { id, token: 'token', values } }
      forger.send(encodeBencode({ t: question.transaction, ...forged }), asker)
      for (let guess = 0; guess < 200; guess++)
        question.reply(encodeBencode({ t: Buffer.of(guess, 9), ...forged }))
      question.answer({ id, token: 'token' })
      question.answer({ id, token: 'token', values: peersOf(9) })
    })
    const node = await openNode(t, { bootstrap: [slow.address], isReadOnly: true })
    assert.deepEqual(await searchBy(node, randomBytes(20)), [])
    assert.equal(node.nodeCount, 1)
  })

  test('one that asks without end is answered so often, and keeps nobody else from being answered', async (t) => {
    const node = addressOf(await openNode(t))
    let answered = 0
    const flooder = await ScriptedNode.listen(t, answerPlainly, '127.0.0.2')
    for (let count = 0; count < 2_000; count++) void flooder.ask(node, 'ping').then(() => answered++)
    const other = await ScriptedNode.listen(t, answerPlainly, '127.0.0.3')
    await other.insist(node, 'ping')
    await eventually(() => answered > 0)
    await other.insist(node, 'ping')
    // It may go on being answered at its rate while this machine is slow, but never at the rate at which it asks.
    assert.ok(answered < 1_000, `${answered}`)
  })

  test('rubbish does no harm: ours goes on answering and searching', async (t) => {
    const dice = seededDice(11)
    const id = randomBytes(20)
    const a = {
      id,
      target: id,
      info_hash: id,
      token: 'token',
      port: 1,
      implied_port: 1,
      v: 'v',
      k: 'k',
      seq: 1,
    }
    const questions = ['ping', 'find_node', 'get_peers', 'announce_peer', 'get', 'put', 'constructor']
    const packets = questions.map((q) => encodeBencode({ t: 'tt', y: 'q', q, a }))
    const honest = await ScriptedNode.listen(t, telling({ values: peersOf(1) }))
    const good = { id, token: 'token', nodes: honest.compact, values: peersOf(3) }
    const liar = await ScriptedNode.listen(t, (question) => {
      const answer = encodeBencode({ t: question.transaction, y: 'r', r: good })
      for (let times = 0; times < 20; times++) question.reply(mutate(answer, dice))
    })
    const node = await openNode(t, { bootstrap: [liar.address, honest.address] })
    for (let round = 0; round < 100; round++) {
      // From many addresses, since one would soon not be heard any more.
      const sender = await ScriptedNode.listen(t, () => {}, `127.0.2.${1 + round}`)
      for (const packet of packets)
        for (let times = 0; times < 5; times++) sender.send(mutate(packet, dice), addressOf(node))
      sender.send(randomBytes(1 + Math.floor(dice() * 6_000)), addressOf(node))
    }
    await Promise.all([1, 2, 3].map(() => searchBy(node, randomBytes(20))))
    assert.ok((await searchBy(node, randomBytes(20))).includes('127.0.0.1:2001'))
    const asker = await ScriptedNode.listen(t, answerPlainly, '127.0.0.4')
    await asker.insist(addressOf(node), 'ping')
  })
})

/** An id that is nearer to the info hash than those of greater distance. */
function nearer(infoHash: Buffer, distance: number): Buffer {
  const id = Buffer.from(infoHash)
  id.writeUInt32BE((id.readUInt32BE(16) ^ distance) >>> 0, 16)
  return id
}
