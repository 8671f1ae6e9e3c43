import assert from 'node:assert/strict'
import { Socket, type TcpNetConnectOpts } from 'node:net'
import { type TestContext, test } from 'node:test'
import { request } from 'undici'
import type { PrivateLeave } from '../../src/core/private-reach.js'
import {
  GuardedAgents,
  type GuardedAgentsOptions,
  type PlainConnector,
} from '../../src/net/guarded-agents.js'
import type { Resolver } from '../../src/net/look-up.js'
import { serveHttp, serveSilence } from '../kit/local-server.js'
import { answering } from './answering.js'

/** A server on this machine that counts its visitors, and agents to visit it with. */
async function setUp(t: TestContext, options: GuardedAgentsOptions = {}) {
  const visits: string[] = []
  const url = new URL(
    await serveHttp(t, (incoming, response) => {
      visits.push(incoming.headers.host!)
      response.end('here')
    }),
  )
  const agents = new GuardedAgents(options)
  t.after(() => agents.close())
  const get = async (host: string, mayBePrivate: PrivateLeave) => {
    const dispatcher = await agents.agent({ mayBePrivate })
    const { body } = await request(`http://${host}:${url.port}/`, { dispatcher })
    return await body.text()
  }
  return { visits, agents, get }
}

/** A connection to this machine that says it is one to another address, once its name may be looked up. */
function pretendToBe(
  address: string,
  { port, lookup }: TcpNetConnectOpts,
  callback: Parameters<PlainConnector>[1],
): Socket {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  lookup!('rebound.example', { all: true }, (error) => {
    if (error !== null) callback(error, null)
    else socket.connect(port, '127.0.0.1', () => callback(null, socket))
  })
  return socket
}

test('this machine is not reached by any spelling, where it may not', async (t) => {
  const { get, visits } = await setUp(t)
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '0.0.0.0',
    'localhost',
  ]) {
    await assert.rejects(get(host, false), { code: 'FORBIDDEN_ADDRESS' }, host)
  }
  assert.deepEqual(visits, [])
  assert.equal(await get('127.0.0.1', true), 'here')
})

test('a name is judged by the addresses that are then connected to, each time anew', async (t) => {
  // Rebinding: first a public address, that nobody would find fault with, then this machine.
  const answers = [['192.0.2.1'], ['127.0.0.1']]
  const resolver: Resolver = (name, options, done) =>
    answering({ [name]: answers.shift()! })(name, options, done)
  const { get, visits } = await setUp(t, { resolver })
  await assert.rejects(get('rebound.example', false), { code: 'FORBIDDEN_ADDRESS' })
  await assert.rejects(get('rebound.example', false), { code: 'FORBIDDEN_ADDRESS' })
  assert.equal(answers.length, 0)
  assert.deepEqual(visits, [])
})

test('of the addresses of a name, the forbidden ones are not even tried', async (t) => {
  const resolver = answering({ 'both.example': ['127.0.0.1', '::1'] })
  const { get, visits } = await setUp(t, { resolver })
  await assert.rejects(get('both.example', false), { code: 'FORBIDDEN_ADDRESS' })
  assert.deepEqual(visits, [])
  assert.equal(await get('both.example', true), 'here')
})

test('a connection to this machine is kept for those only who may use it', async (t) => {
  const resolver = answering({ 'here.example': ['127.0.0.1'] })
  const { get, visits } = await setUp(t, { resolver })
  await get('here.example', true)
  await assert.rejects(get('here.example', false), { code: 'FORBIDDEN_ADDRESS' })
  assert.equal(visits.length, 1)
})

test('a name that has been public is not private after that', async (t) => {
  const answers = { 'rebound.example': ['127.0.0.1'] }
  const { get, visits } = await setUp(t, {
    agent: { pipelining: 0 },
    resolver: (...question) => answering(answers)(...question),
    connectPlain: (target, callback) => pretendToBe(answers['rebound.example'][0]!, target, callback),
  })
  assert.equal(await get('rebound.example', 'until public'), 'here')
  answers['rebound.example'] = ['1.1.1.1']
  assert.equal(await get('rebound.example', 'until public'), 'here')
  answers['rebound.example'] = ['127.0.0.1']
  await assert.rejects(get('rebound.example', 'until public'), { code: 'FORBIDDEN_ADDRESS' })
  assert.equal(visits.length, 2)
  assert.equal(await get('rebound.example', true), 'here')
})

test('nor do connections serve that were made to it while it was private', async (t) => {
  const answers = { 'rebound.example': ['127.0.0.1'] }
  const { get, visits, agents } = await setUp(t, {
    resolver: (...question) => answering(answers)(...question),
    connectPlain: (target, callback) => pretendToBe(answers['rebound.example'][0]!, target, callback),
  })
  await get('rebound.example', 'until public')
  answers['rebound.example'] = ['1.1.1.1']
  const elsewhere = await serveHttp(t, (_, response) => response.end('stranger'))
  const url = elsewhere.replace('127.0.0.1', 'rebound.example')
  const { body } = await request(url, { dispatcher: await agents.agent({ mayBePrivate: 'until public' }) })
  await body.text()
  answers['rebound.example'] = ['127.0.0.1']
  await assert.rejects(get('rebound.example', 'until public'), { code: 'FORBIDDEN_ADDRESS' })
  assert.equal(visits.length, 1)
})

test('a connection that does not say where it leads is none', async (t) => {
  const sockets: Socket[] = []
  const { get } = await setUp(t, {
    connectPlain: (_target, callback) => {
      const socket = new Socket()
      sockets.push(socket)
      setImmediate(() => callback(null, socket))
      return socket
    },
  })
  await assert.rejects(get('127.0.0.1', true), { code: 'ECONNRESET' })
  assert.ok(sockets.every(({ destroyed }) => destroyed))
})

test('who asks is told where each connection led', async (t) => {
  const addresses: string[] = []
  const onConnected = (address: string) => addresses.push(address)
  const { get } = await setUp(t, { onConnected })
  await get('127.0.0.1', true)
  await assert.rejects(get('127.0.0.1', false))
  assert.deepEqual(addresses, ['127.0.0.1'])
})

test('closed agents send nothing more', async (t) => {
  const { get, agents, visits } = await setUp(t)
  await agents.close()
  await assert.rejects(get('127.0.0.1', true))
  assert.deepEqual(visits, [])
})

for (const scheme of ['https', 'http']) {
  test(`the end lets go of ${scheme} connections that are being made`, async (t) => {
    const agents = new GuardedAgents({
      connectPlain: (_target, callback) => {
        // Like one whose handshake is never answered.
        const socket = new Socket().once('error', (error) => callback(error, null))
        connecting()
        return socket
      },
    })
    let connecting = () => {}
    const begun = new Promise<void>((resolve) => {
      connecting = resolve
    })
    const url = (await serveSilence(t, () => connecting())).replace('http:', `${scheme}:`)
    const asked = request(url, { dispatcher: await agents.agent({ mayBePrivate: true }) })
    const failed = assert.rejects(asked)
    await begun
    await agents.close()
    await failed
  })
}
