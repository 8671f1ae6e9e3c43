import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { addressOf, openNode, searchBy } from '../kit/dht-nodes.js'
import { scratchFolder } from '../kit/fetching.js'
import { compactPeer, ScriptedNode } from '../kit/scripted-node.js'
import { eventually } from '../kit/seeding.js'

describe('nodes of ours in one DHT', { concurrency: true }, () => {
  test('what one announces another finds, whether they are full or read-only', async (t) => {
    const bootstrap = [addressOf(await openNode(t))]
    const infoHash = randomBytes(20)
    for (const isReadOnly of [false, true]) {
      const giver = await openNode(t, { bootstrap, isReadOnly })
      await searchBy(giver, infoHash, { port: isReadOnly ? 2001 : 2002 })
    }
    const taker = await openNode(t, { bootstrap, isReadOnly: true })
    const found = await searchBy(taker, infoHash, { port: 2003 })
    assert.deepEqual(found, ['127.0.0.1:2001', '127.0.0.1:2002'])
    assert.deepEqual(await searchBy(taker, randomBytes(20)), [])
  })

  test('a full one is remembered by others, a read-only one is not', async (t) => {
    const hub = await openNode(t)
    const bootstrap = [addressOf(hub)]
    const readOnly = await openNode(t, { bootstrap, isReadOnly: true })
    await searchBy(readOnly, randomBytes(20))
    const full = await openNode(t, { bootstrap })
    await eventually(() => hub.nodeCount === 1)
    const asker = await ScriptedNode.listen(t)
    const answer = await asker.ask(addressOf(hub), 'find_node', { target: asker.id }, { ro: 1 })
    const nodes = answer.part('nodes') as Buffer
    assert.deepEqual(nodes.subarray(20), compactPeer(addressOf(full)))
  })

  test('nodes of the last run are enough to begin with', async (t) => {
    const nodesPath = join(scratchFolder(t), 'cache', 'nodes.json')
    const hub = addressOf(await openNode(t))
    const first = await openNode(t, { bootstrap: [hub], isReadOnly: true, nodesPath })
    const infoHash = randomBytes(20)
    await searchBy(first, infoHash, { port: 2001 })
    await first.close()
    assert.deepEqual(JSON.parse(readFileSync(nodesPath, 'utf8')), {
      version: 1,
      nodes: [`127.0.0.1:${hub.port}`],
    })
    const second = await openNode(t, { nodesPath })
    assert.deepEqual(await searchBy(second, infoHash), ['127.0.0.1:2001'])
  })

  test('nodes that no longer answer are replaced by those that do, and a run that met nobody forgets none', async (t) => {
    const nodesPath = join(scratchFolder(t), 'nodes.json')
    const gone = await openNode(t)
    const first = await openNode(t, { bootstrap: [addressOf(gone)], nodesPath })
    await searchBy(first, randomBytes(20))
    const before = [addressOf(gone)].map(({ port }) => `127.0.0.1:${port}`)
    await Promise.all([first.close(), gone.close()])
    await (await openNode(t, { nodesPath })).close()
    assert.deepEqual(JSON.parse(readFileSync(nodesPath, 'utf8')).nodes, before)
    const hub = addressOf(await openNode(t))
    const second = await openNode(t, { bootstrap: [hub], nodesPath })
    await searchBy(second, randomBytes(20))
    await eventually(() => second.nodeCount === 1)
    await searchBy(second, randomBytes(20))
    await second.close()
    assert.deepEqual(JSON.parse(readFileSync(nodesPath, 'utf8')).nodes, [`127.0.0.1:${hub.port}`])
  })

  test('nodes that somebody suggests are met, and are as good as any', async (t) => {
    const hub = await openNode(t)
    const infoHash = randomBytes(20)
    await searchBy(await openNode(t, { bootstrap: [addressOf(hub)] }), infoHash, { port: 2001 })
    const node = await openNode(t)
    node.suggest([addressOf(hub)], 'stranger')
    await eventually(() => node.nodeCount > 0)
    assert.deepEqual(await searchBy(node, infoHash), ['127.0.0.1:2001'])
  })

  test('a name that this machine alone knows is as good as an address', async (t) => {
    const hub = addressOf(await openNode(t))
    const infoHash = randomBytes(20)
    await searchBy(await openNode(t, { bootstrap: [hub] }), infoHash, { port: 2001 })
    const node = await openNode(t, { bootstrap: [{ host: 'localhost', port: hub.port }] })
    assert.deepEqual(await searchBy(node, infoHash), ['127.0.0.1:2001'])
  })

  test('names that nobody has keep us from no node', async (t) => {
    const hub = addressOf(await openNode(t))
    const infoHash = randomBytes(20)
    await searchBy(await openNode(t, { bootstrap: [hub] }), infoHash, { port: 2001 })
    const nobody = ['nowhere.invalid', 'no host', '', '.', '::1', '999.1.1.1'].map((host) => ({
      host,
      port: 2002,
    }))
    const node = await openNode(t, { bootstrap: [...nobody, hub], suggested: nobody })
    assert.deepEqual(await searchBy(node, infoHash), ['127.0.0.1:2001'])
  })

  test('a port that is taken is replaced by another', async (t) => {
    const other = createSocket('udp4')
    other.bind(0)
    await once(other, 'listening')
    t.after(() => other.close())
    const { port } = other.address()
    const node = await openNode(t, { port })
    assert.notEqual(node.port, port)
    await node.close()
    const free = await openNode(t, { port: node.port })
    assert.equal(free.port, node.port)
  })
})

describe('a node of ours among others', { concurrency: true }, () => {
  test('a read-only one says so, and answers nobody', async (t) => {
    const hub = await ScriptedNode.listen(t)
    const node = await openNode(t, { bootstrap: [hub.address], isReadOnly: true })
    await searchBy(node, randomBytes(20))
    assert.deepEqual(hub.methods, ['ping', 'get_peers', 'announce_peer'])
    assert.ok(hub.questions.all.every(({ dict }) => dict.get('ro') === 1))
    let isAnswered = false
    void hub.ask(addressOf(node), 'ping').then(() => {
      isAnswered = true
    })
    // What was sent before this question has been heard when this one is answered.
    await searchBy(node, randomBytes(20))
    assert.equal(isAnswered, false)
  })

  test('a full one does not say that it is read-only, and looks for nodes near to itself', async (t) => {
    const hub = await ScriptedNode.listen(t)
    await openNode(t, { bootstrap: [hub.address] })
    await eventually(() => hub.methods.length === 2)
    const [ping, search] = hub.questions.all
    assert.deepEqual(hub.methods, ['ping', 'get_peers'])
    assert.deepEqual(search!.part('info_hash'), ping!.part('id'))
    assert.equal(ping!.dict.get('ro'), undefined)
  })

  test('a full one answers the questions of BEP 5, and those that it does not know with nodes', async (t) => {
    const node = addressOf(await openNode(t))
    const asker = await ScriptedNode.listen(t)
    const infoHash = randomBytes(20)
    const pong = await asker.ask(node, 'ping')
    assert.equal((pong.part('id') as Buffer).length, 20)
    const unknown = await asker.ask(node, 'sample_infohashes', { target: infoHash })
    assert.equal((unknown.part('nodes') as Buffer).length % 26, 0)
    const empty = await asker.ask(node, 'get_peers', { info_hash: infoHash })
    assert.equal(empty.part('values'), undefined)
    const announce = { info_hash: infoHash, port: 2001, token: empty.part('token') as Buffer }
    const refused = await asker.ask(node, 'announce_peer', { ...announce, token: randomBytes(20) })
    assert.equal(refused.refusal, 203)
    await asker.ask(node, 'announce_peer', announce)
    await asker.ask(node, 'announce_peer', { ...announce, implied_port: 1 })
    const { values } = {
      values: (await asker.ask(node, 'get_peers', { info_hash: infoHash })).part('values'),
    }
    const expected = [compactPeer({ host: '127.0.0.1', port: 2001 }), compactPeer(asker.address)]
    assert.deepEqual(new Set((values as Buffer[]).map(String)), new Set(expected.map(String)))
  })

  test('it announces where peers may connect, not where it is asked', async (t) => {
    const hub = await ScriptedNode.listen(t)
    const node = await openNode(t, { bootstrap: [hub.address], isReadOnly: true })
    const infoHash = randomBytes(20)
    await searchBy(node, infoHash, { port: 4321 })
    const announce = hub.questions.all.find(({ method }) => method === 'announce_peer')!
    assert.equal(announce.part('port'), 4321)
    assert.equal(announce.part('implied_port'), 0)
    assert.deepEqual(announce.part('info_hash'), infoHash)
    assert.deepEqual(announce.part('token'), Buffer.from('token'))
  })

  test('peers are told of while the search goes on', async (t) => {
    const infoHash = randomBytes(20)
    const slow = await ScriptedNode.listen(t, () => {})
    const hub = await ScriptedNode.listen(t, (question, { id }) => {
      const values = [compactPeer({ host: '127.0.0.1', port: 2001 })]
      question.answer({ id, nodes: slow.compact, values, token: 'token' })
    })
    const node = await openNode(t, { bootstrap: [hub.address], isReadOnly: true })
    const stop = new AbortController()
    const found: number[] = []
    const onPeers = (peers: readonly { readonly port: number }[]) => {
      found.push(...peers.map(({ port }) => port))
      stop.abort()
    }
    await node.search({ infoHash, port: 1, onPeers, signal: stop.signal })
    assert.deepEqual(found, [2001])
    assert.ok(!hub.methods.includes('announce_peer'))
  })

  test('what the caller throws comes back to him', async (t) => {
    const hub = await openNode(t)
    const bootstrap = [addressOf(hub)]
    const infoHash = randomBytes(20)
    await searchBy(await openNode(t, { bootstrap }), infoHash)
    const node = await openNode(t, { bootstrap })
    const onPeers = () => {
      throw new Error('a fault of ours')
    }
    const { signal } = new AbortController()
    await assert.rejects(node.search({ infoHash, port: 1, onPeers, signal }), /a fault of ours/)
  })
})

describe('a node that is closed', { concurrency: true }, () => {
  test('lets go of its socket whatever it is doing', async (t) => {
    const silent = await ScriptedNode.listen(t, () => {})
    const half = await ScriptedNode.listen(t, (question, { id }) => {
      if (question.method === 'ping') question.answer({ id })
    })
    for (const bootstrap of [[], [silent.address], [half.address], [{ host: 'nowhere.invalid', port: 1 }]]) {
      const node = await openNode(t, { bootstrap })
      const { port } = node
      const searches = Array.from({ length: 10 }, () => searchBy(node, randomBytes(20)))
      if (bootstrap[0] === half.address) await eventually(() => half.methods.includes('get_peers'))
      await node.close()
      await Promise.all(searches)
      assert.equal((await openNode(t, { port })).port, port)
    }
  })

  test('finds nothing any more', async (t) => {
    const node = await openNode(t)
    await node.close()
    assert.deepEqual(await searchBy(node, randomBytes(20)), [])
    node.suggest([{ host: '127.0.0.1', port: 1 }], 'user')
    await node.close()
  })
})
