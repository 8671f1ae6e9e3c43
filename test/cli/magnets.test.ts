import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { assertFiles, makeTorrent } from '../kit/made-torrent.js'
import { keepSilent, metadataScript } from '../kit/metadata-script.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { outcomeOf, runCli, startCli } from './run-cli.js'
import { sampleFolder } from './sample-torrent.js'

const TORRENT = makeTorrent({ files: { 'a.bin': 300_000 }, folder: 'set', pieceLength: 32_768 })
const HASH = TORRENT.metainfo.infoHash.hex
const LINK = `magnet:?xt=urn:btih:${HASH}&dn=set`
const SCRIPT = { script: metadataScript() }

test('get downloads what a magnet link names', async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT, SCRIPT)
  const output = sampleFolder(t)
  const { code, stderr } = await runCli(['get', LINK, '--peer', peer.name, '--port', '0', '-o', output])
  assert.equal(code, 0, stderr)
  assertFiles(TORRENT, output)
})

test('a magnet link that finds nobody holds up no other source, and its failure counts', async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT, SCRIPT)
  const output = sampleFolder(t)
  const nobody = 'ab'.repeat(20)
  const args = [
    'get',
    nobody,
    HASH,
    '--peer',
    peer.name,
    '--port',
    '0',
    '--timeout',
    '2',
    '-o',
    output,
    '--json',
  ]
  const { code, stdout } = await runCli(args)
  assert.equal(code, 4)
  assertFiles(TORRENT, output)
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const error = events.find(({ event }) => event === 'error')
  assert.deepEqual([error.source, error.infoHash, error.error.code], [nobody, null, 'NO_METADATA'])
  assert.ok(events.some(({ event, infoHash }) => event === 'metadata' && infoHash === nobody))
})

test('get --metadata-only writes the .torrent, says where, and overwrites nothing', async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT, SCRIPT)
  const output = join(sampleFolder(t), 'new')
  const args = ['get', '--metadata-only', LINK, '--peer', peer.name, '--port', '0', '-o', output]
  const { code, stdout, stderr } = await runCli(args)
  assert.equal(code, 0, stderr)
  const path = join(output, 'set.torrent')
  assert.equal(stdout, `${path}\n`)
  assert.equal(parseMetainfo(readFileSync(path)).infoHash.hex, HASH)
  assert.deepEqual(peer.requests, [])
  const again = await runCli([...args, '--json'])
  assert.equal(again.code, 2)
  assert.equal(JSON.parse(again.stdout).error.code, 'OUTPUT_EXISTS')
})

test('get --metadata-only writes the .torrent to standard output, or tells of it in an event', async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT, SCRIPT)
  const args = ['get', '--metadata-only', LINK, '--peer', peer.name, '--port', '0']
  const { stdout } = await runCli([...args, '-o', '-'])
  assert.match(stdout, /^d4:info/)
  const output = sampleFolder(t)
  const told = JSON.parse(
    (await runCli([...args, '-o', output, '--json'])).stdout.trimEnd().split('\n').at(-1)!,
  )
  const path = join(output, 'set.torrent')
  assert.deepEqual(told, { event: 'metadataSaved', source: LINK, infoHash: HASH, name: 'set', path })
})

test('show says what a magnet link stands for', async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT, SCRIPT)
  const { code, stdout, stderr } = await runCli(['show', '--json', LINK, '--peer', peer.name])
  assert.equal(code, 0, stderr)
  const { infoHash, files } = JSON.parse(stdout)
  assert.deepEqual([infoHash, files], [HASH, [{ path: 'set/a.bin', length: 300_000 }]])
})

test('show --encryption require asks no peer that takes no encrypted connections', async (t) => {
  const peer = await ScriptedPeer.listen(t, TORRENT, SCRIPT)
  const args = ['show', LINK, '--peer', peer.name, '--timeout', '1', '--encryption', 'require']
  const { code, stderr } = await runCli(args)
  assert.equal(code, 4)
  assert.match(stderr, /NO_METADATA/)
})

test('a search that finds nothing in time exits with 4, and a broken link with 3', async (t) => {
  const silent = await ScriptedPeer.listen(t, TORRENT, { script: metadataScript({ answer: keepSilent }) })
  const shown = await runCli(['show', LINK, '--peer', silent.name, '--timeout', '1'])
  assert.equal(shown.code, 4)
  assert.match(shown.stderr, /NO_METADATA/)
  for (const link of ['magnet:?dn=x', `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}`]) {
    assert.equal((await runCli(['get', link])).code, 3)
  }
})

test('a search tells how far it is, and leaves standard output to what was found', async (t) => {
  const silent = await ScriptedPeer.listen(t, TORRENT, { script: metadataScript({ answer: keepSilent }) })
  const place = ['--port', '0', '-o', sampleFolder(t)]
  const commands = [['show'], ['get', '--metadata-only', ...place], ['show', '--json']]
  const outcomes = await Promise.all(
    commands.map((command) => runCli([...command, LINK, '--peer', silent.name, '--timeout', '2'])),
  )
  const [shown, got, json] = outcomes.map(({ stderr }) => /^set: fetching metadata, /m.test(stderr))
  assert.deepEqual([shown, got, json], [true, true, false])
  assert.deepEqual([outcomes[0]?.stdout, outcomes[1]?.stdout], ['', ''])
})

test('a search is stopped by a signal', async (t) => {
  const silent = await ScriptedPeer.listen(t, TORRENT, { script: metadataScript({ answer: keepSilent }) })
  const place = ['--port', '0', '-o', sampleFolder(t)]
  for (const command of [['get', ...place], ['get', '--metadata-only', ...place], ['show']]) {
    const child = startCli(t, [...command, LINK, '--peer', silent.name])
    const links = silent.links.length
    while (silent.links.length === links) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGTERM')
    assert.equal((await outcomeOf(child)).code, 7)
  }
})

test('verify asks for a .torrent', async (t) => {
  const folder = sampleFolder(t)
  writeFileSync(join(folder, 'x'), '')
  const { code, stderr } = await runCli(['verify', LINK, folder])
  assert.equal(code, 3)
  assert.match(stderr, /give a \.torrent \(UNSUPPORTED_SOURCE\)/)
})
