import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { addressKey } from '../../src/core/peer-address.js'
import { addressOf, openNode, untilAnnounced } from '../kit/dht-nodes.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { openClient, startSeed } from '../kit/seeding.js'
import { runCli } from './run-cli.js'

const TIMEOUT = { timeout: 30_000 }
const TORRENT = makeSingle(300_000, 32_768)
const { infoHash } = TORRENT.metainfo

/** A seed that only the DHT knows, and the options by which the program gets there. */
async function hiddenSeed(t: TestContext): Promise<string[]> {
  process.env.XDG_CACHE_HOME = scratchFolder(t)
  const hub = addressOf(await openNode(t))
  await startSeed(t, TORRENT, { client: openClient(t, { dht: { bootstrap: [hub], readOnly: false } }) })
  await untilAnnounced(t, [hub], infoHash.bytes)
  return ['--dht-bootstrap', addressKey(hub), '--port', '0']
}

test(
  'get fetches an info hash by the DHT alone, and keeps the nodes for the next run',
  TIMEOUT,
  async (t) => {
    const options = await hiddenSeed(t)
    const output = scratchFolder(t)
    const { code, stderr } = await runCli(['get', infoHash.hex, '-o', output, ...options])
    assert.equal(code, 0, stderr)
    assertFiles(TORRENT, output)
    const folder = join(process.env.XDG_CACHE_HOME!, 'swarmfetch')
    const [name, ...others] = readdirSync(folder)
    assert.match(name!, /^dht-nodes-[0-9a-f]{12}\.json$/)
    assert.deepEqual(others, [])
    assert.match(readFileSync(join(folder, name!), 'utf8'), /^\{"version":1,"nodes":\["127\.0\.0\.1:\d+"/)
  },
)

test('show says what an info hash stands for by the DHT alone', TIMEOUT, async (t) => {
  const [name, hub] = await hiddenSeed(t)
  const { code, stdout, stderr } = await runCli(['show', '--json', infoHash.hex, name!, hub!])
  assert.equal(code, 0, stderr)
  assert.equal(JSON.parse(stdout).infoHash, infoHash.hex)
})

test('without the DHT there is nobody to ask for an info hash', TIMEOUT, async () => {
  const { code, stderr } = await runCli(['get', infoHash.hex, '--no-dht', '--no-lsd', '--port', '0'])
  assert.equal(code, 4)
  assert.match(stderr, /\(NO_METADATA\)/)
})

test('a node without a port is a wrong option', async () => {
  const { code, stderr } = await runCli(['get', infoHash.hex, '--dht-bootstrap', 'a.example'])
  assert.equal(code, 2)
  assert.match(stderr, /--dht-bootstrap/)
})
