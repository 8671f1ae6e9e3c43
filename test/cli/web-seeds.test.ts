import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeSingle } from '../kit/made-torrent.js'
import { WebServer } from '../kit/web-server.js'
import { runCli } from './run-cli.js'
import { sampleFolder } from './sample-torrent.js'

const made = makeSingle(2_000_003, 65_536)

test('get downloads from a web seed alone, and says so', async (t) => {
  const server = await WebServer.listen(t, made)
  const folder = sampleFolder(t, { 'data.torrent': made.bytes })
  const args = [join(folder, 'data.torrent'), '-o', folder, '--web-seed', server.url, '--json']
  const { code, stdout, stderr } = await runCli(['get', ...args])
  assert.deepEqual([code, stderr], [0, ''])
  assert.ok(readFileSync(join(folder, 'data.bin')).equals(made.content))
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.equal(events.at(-1)!.event, 'complete')
  assert.ok(events.some(({ event, webSeeds }) => event === 'progress' && typeof webSeeds === 'number'))
})

test('a web seed that is dropped is named by its host, and the exit code is 4 when nobody is left', async (t) => {
  const server = await WebServer.listen(t, made, { script: ({ response }) => response.writeHead(404).end() })
  const folder = sampleFolder(t, { 'data.torrent': made.bytes })
  const url = `${server.url}data.bin?key=secret`
  const { code, stderr } = await runCli([
    'get',
    join(folder, 'data.torrent'),
    '-o',
    folder,
    '--web-seed',
    url,
  ])
  assert.equal(code, 4)
  const { host } = new URL(server.url)
  assert.ok(stderr.includes(`data.bin: web seed ${host} dropped: HTTP status 404 (NOT_FOUND)`), stderr)
  assert.doesNotMatch(stderr, /secret/)
})

test('what is no URL of the web is a wrong option', async (t) => {
  const folder = sampleFolder(t, { 'data.torrent': made.bytes })
  for (const url of ['ftp://h/f', 'data.bin', '']) {
    const { code, stderr } = await runCli([
      'get',
      join(folder, 'data.torrent'),
      '-o',
      folder,
      '--web-seed',
      url,
    ])
    assert.equal(code, 2, stderr)
    assert.match(stderr, /BAD_OPTION/)
  }
})
