import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/config.js'
import { DhtNodeFile } from '../../src/discovery/dht-node-file.js'
import { scratchFolder } from '../kit/fetching.js'

function newPath(t: TestContext): string {
  return join(scratchFolder(t), 'cache', 'nodes.json')
}

function holding(t: TestContext, text: string): DhtNodeFile {
  const path = newPath(t)
  mkdirSync(dirname(path))
  writeFileSync(path, text)
  return new DhtNodeFile(path)
}

const NODES = [
  { host: '127.0.0.1', port: 1 },
  { host: '8.8.8.8', port: 65_535 },
]

test('nodes that are written are read, and nothing else is left in the folder', async (t) => {
  const path = newPath(t)
  await new DhtNodeFile(path).write([{ host: '1.1.1.1', port: 7 }])
  await new DhtNodeFile(path).write(NODES)
  assert.deepEqual(await new DhtNodeFile(path).read(), NODES)
  assert.deepEqual(readdirSync(dirname(path)), ['nodes.json'])
  assert.equal(readFileSync(path, 'utf8'), '{"version":1,"nodes":["127.0.0.1:1","8.8.8.8:65535"]}\n')
})

test('no more nodes are kept than are of use', async (t) => {
  const file = new DhtNodeFile(newPath(t))
  await file.write(Array.from({ length: 1_000 }, (_, at) => ({ host: '127.0.0.1', port: 1 + at })))
  assert.equal((await file.read()).length, LIMITS.dhtNodesSaved)
})

test('what is damaged, foreign, of a later version or absent is no list of nodes', async (t) => {
  const texts = [
    '',
    '{"version":1,"nodes":["127.0.0.1:1"',
    'null',
    '[]',
    '{"version":2,"nodes":["127.0.0.1:1"]}',
    '{"version":1,"nodes":"127.0.0.1:1"}',
    `{"version":1,"nodes":["127.0.0.1:1"]}${' '.repeat(LIMITS.dhtNodeFileBytes)}`,
  ]
  for (const text of texts) assert.deepEqual(await holding(t, text).read(), [], text.slice(0, 40))
  assert.deepEqual(await new DhtNodeFile(newPath(t)).read(), [])
  assert.deepEqual(await new DhtNodeFile(scratchFolder(t)).read(), [])
})

test('entries that are no addresses are left out', async (t) => {
  const entries = [
    1,
    null,
    {},
    'x',
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '[::1]:1',
    'a.example:1',
    ':1',
  ]
  const file = holding(t, JSON.stringify({ version: 1, nodes: [...entries, '127.0.0.1:1'] }))
  assert.deepEqual(await file.read(), [NODES[0]])
})

test('a FIFO in its place is not waited for', { skip: process.platform === 'win32' }, async (t) => {
  const path = join(scratchFolder(t), 'nodes.json')
  execFileSync('mkfifo', [path])
  assert.deepEqual(await new DhtNodeFile(path).read(), [])
})

test('where nothing can be written it says so and leaves nothing behind', async (t) => {
  const folder = scratchFolder(t)
  writeFileSync(join(folder, 'taken'), '')
  await assert.rejects(new DhtNodeFile(join(folder, 'taken', 'nodes.json')).write(NODES))
  assert.deepEqual(readdirSync(folder), ['taken'])
})
