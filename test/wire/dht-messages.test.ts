import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeDhtMessage,
  encodeDhtAnswer,
  encodeDhtQuestion,
  encodeDhtRefusal,
} from '../../src/wire/dht-messages.js'
import { seededDice } from '../kit/dice.js'
import { mutate } from '../kit/mutate.js'

const ID = Buffer.alloc(20, 'a')
const HASH = Buffer.alloc(20, 'h')
const read = (text: string) => decodeDhtMessage(Buffer.from(text, 'latin1'))
const question = (method: string, parts: string) =>
  read(`d1:ad2:id20:${ID}${parts}e1:q${method.length}:${method}1:t2:aa1:y1:qe`)
const answer = (parts: string) => read(`d1:rd2:id20:${ID}${parts}e1:t2:aa1:y1:re`)

test('the questions of BEP 5 are encoded as it says, and those of a read-only node as BEP 43 says', () => {
  const t = Buffer.from('aa')
  const ping = encodeDhtQuestion(t, { q: 'ping', a: { id: ID } }, false)
  assert.equal(ping.toString(), `d1:ad2:id20:${ID}e1:q4:ping1:t2:aa1:y1:qe`)
  const readOnly = encodeDhtQuestion(t, { q: 'ping', a: { id: ID } }, true)
  assert.equal(readOnly.toString(), `d1:ad2:id20:${ID}e1:q4:ping2:roi1e1:t2:aa1:y1:qe`)
  assert.equal(encodeDhtAnswer(t, { id: ID }).toString(), `d1:rd2:id20:${ID}e1:t2:aa1:y1:re`)
  assert.equal(encodeDhtRefusal(t, [203, 'no']).toString(), 'd1:eli203e2:noe1:t2:aa1:y1:ee')
})

test('a question has what its method needs', () => {
  const common = { type: 'question', transaction: Buffer.from('aa'), isReadOnly: false } as const
  assert.deepEqual(question('ping', ''), { ...common, method: 'ping', args: {} })
  const find = question('find_node', `6:target20:${HASH}`)
  assert.deepEqual(find, { ...common, method: 'find_node', args: { target: HASH } })
  const get = question('get_peers', `9:info_hash20:${HASH}`)
  assert.deepEqual(get, { ...common, method: 'get_peers', args: { info_hash: HASH } })
  const announce = question('announce_peer', `9:info_hash20:${HASH}4:porti7e5:token2:tt`)
  const args = { info_hash: HASH, token: Buffer.from('tt'), port: 7, implied_port: 0 }
  assert.deepEqual(announce, { ...common, method: 'announce_peer', args })
})

test('a question without what its method needs, or with something of another kind there, is none', () => {
  assert.equal(question('find_node', ''), undefined)
  assert.equal(question('find_node', '6:targeti1e'), undefined)
  assert.equal(question('find_node', '6:target3:abc'), undefined)
  assert.equal(question('get_peers', `9:info_hash21:x${HASH}`), undefined)
  assert.equal(question('get_peers', '9:info_hashli1ee'), undefined)
  assert.equal(question('announce_peer', `9:info_hash20:${HASH}4:porti7e`), undefined)
  assert.equal(question('announce_peer', `9:info_hash20:${HASH}5:token0:`), undefined)
  assert.equal(question('announce_peer', `9:info_hash20:${HASH}5:token65:${'t'.repeat(65)}`), undefined)
  assert.equal(read('d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe'), undefined)
  assert.equal(read('d1:ali1ee1:q4:ping1:t2:aa1:y1:qe'), undefined)
})

test('a method that is not known counts as a search for the place that it names', () => {
  const asked = question('get', `6:target20:${HASH}`)
  assert.deepEqual(asked?.type === 'question' && [asked.method, asked.args], ['find_node', { target: HASH }])
  for (const name of ['vote', 'constructor', '__proto__', '']) assert.equal(question(name, ''), undefined)
})

test('whoever says that he is read-only is heard', () => {
  const asked = read(`d1:ad2:id20:${ID}e1:q4:ping2:roi1e1:t2:aa1:y1:qe`)
  assert.equal(asked?.type === 'question' && asked.isReadOnly, true)
})

test('of an answer only whole nodes, IPv4 peers and a token of a sensible length are taken', () => {
  const common = { type: 'answer', transaction: Buffer.from('aa'), id: ID } as const
  const nothing = { nodes: Buffer.alloc(0), values: [], token: undefined }
  assert.deepEqual(answer(''), { ...common, ...nothing })
  const nodes = Buffer.alloc(60, 'n')
  assert.deepEqual(answer(`5:nodes60:${nodes}`), { ...common, ...nothing, nodes: nodes.subarray(0, 52) })
  const values = [Buffer.from('127.01')]
  const mixed = answer('6:valuesl18:123456789012345678i1ede6:127.01li1eee')
  assert.deepEqual(mixed, { ...common, ...nothing, values })
  assert.deepEqual(answer(`5:nodesi1e5:token65:${'t'.repeat(65)}6:valuesi1e`), { ...common, ...nothing })
  assert.equal(read('d1:rd2:idi1ee1:t2:aa1:y1:re'), undefined)
  assert.equal(read('d1:rle1:t2:aa1:y1:re'), undefined)
})

test('a refusal has its code, or none', () => {
  const transaction = Buffer.from('aa')
  assert.deepEqual(read('d1:eli203e2:noe1:t2:aa1:y1:ee'), { type: 'refusal', transaction, code: 203 })
  assert.deepEqual(read('d1:e1:x1:t2:aa1:y1:ee'), { type: 'refusal', transaction, code: 0 })
})

test('what is no packet of the DHT is nothing', () => {
  const texts = [
    '',
    'i1e',
    'le',
    'de',
    'd1:t2:aae',
    'd1:y1:qe',
    'd1:t2:aa1:y1:ze',
    'd1:ti1e1:y1:qe',
    'd1:t2:aa1:yi1ee',
  ]
  for (const text of texts) assert.equal(read(text), undefined, text)
  const transaction = `1:t33:${'t'.repeat(33)}`
  assert.equal(read(`d1:ad2:id20:${ID}e1:q4:ping${transaction}1:y1:qe`), undefined)
  assert.equal(decodeDhtMessage(Buffer.alloc(4_000, 'l')), undefined)
})

test('nothing that arrives makes it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeDhtMessage(bytes)))
  const whole = encodeDhtAnswer(Buffer.from('aa'), {
    id: ID,
    nodes: Buffer.alloc(52, 'n'),
    values: [Buffer.from('127.01')],
    token: 'token',
  })
  const dice = seededDice(5)
  for (let round = 0; round < 5_000; round++) decodeDhtMessage(mutate(whole, dice))
})
