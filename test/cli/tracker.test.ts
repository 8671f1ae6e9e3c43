import assert from 'node:assert/strict'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { isAlive, workerPids } from '../tracker-server/shards/worker-pids.js'
import { exitOf, runCli, startCli } from './run-cli.js'
import { sampleFolder, samplePayload, torrentBytes } from './sample-torrent.js'

interface StartedTracker {
  readonly child: ChildProcessWithoutNullStreams
  readonly url: string
}

async function startTracker(t: TestContext, args: readonly string[]): Promise<StartedTracker> {
  const child = startCli(t, ['tracker', '--port', '0', '--host', '127.0.0.1', '--json', ...args])
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { event, port } = JSON.parse(line) as { event: string; port: number }
  assert.equal(event, 'listening')
  return { child, url: `http://127.0.0.1:${port}` }
}

async function announce(url: string, torrent: number, more = ''): Promise<string> {
  const query = `info_hash=${`%0${torrent}`.repeat(20)}&peer_id=${'p'.repeat(20)}&port=5000&left=1${more}`
  return await (await fetch(`${url}/announce?${query}`)).text()
}

test('it tells where it listens, by each of its addresses', async (t) => {
  const child = startCli(t, ['tracker', '--port', '0', '--host', '127.0.0.1', '--host', '::1'])
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const [first, second] = [await lines.next(), await lines.next()]
  const port = /^tracker: http:\/\/127\.0\.0\.1:(\d+)\/announce and udp:\/\/127\.0\.0\.1:\1\/announce$/.exec(
    first.value,
  )?.[1]
  assert.equal(second.value, `tracker: http://[::1]:${port}/announce and udp://[::1]:${port}/announce`)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends it with 0, and what it knew is there when it starts again`, async (t) => {
    const state = join(sampleFolder(t), 'state')
    const first = await startTracker(t, ['--state', state])
    await announce(first.url, 1)
    first.child.kill(signal)
    assert.equal(await exitOf(first.child), 0)
    const second = await startTracker(t, ['--state', state])
    const stats = (await (await fetch(`${second.url}/stats.json`)).json()) as { leecherCount: number }
    assert.equal(stats.leecherCount, 1)
  })
}

test('SIGHUP has it read its lists, and a list that is broken does not end it', async (t) => {
  const list = join(sampleFolder(t), 'allow')
  writeFileSync(list, '01'.repeat(20))
  const { child, url } = await startTracker(t, ['--allow', list])
  assert.match(await announce(url, 2), /failure reason/)
  writeFileSync(list, 'nonsense')
  const complaint = once(createInterface(child.stderr), 'line')
  child.kill('SIGHUP')
  assert.match(String((await complaint)[0]), /allow.*line 1/)
  assert.match(await announce(url, 1), /interval/)
})

test('get downloads the .torrent from the catalogue under its name', async (t) => {
  const payload = samplePayload(40_000)
  const torrent = torrentBytes({ files: { 'data.bin': payload } })
  const folder = sampleFolder(t, { 'data.bin': payload })
  const { url } = await startTracker(t, ['--catalogue', join(folder, 'torrents'), '--write-token', 'secret'])
  const headers = { Authorization: 'Bearer secret' }
  const put = await fetch(`${url}/torrents/data`, { method: 'PUT', body: torrent, headers })
  assert.equal(put.status, 201)
  const { code } = await runCli(['get', `${url}/torrents/data`, '-o', folder, '--quiet', '--no-trackers'])
  assert.equal(code, 0)
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'data.bin'))), payload)
})

test('a port that is taken, a bad list and bad values are usage errors', async (t) => {
  const { url } = await startTracker(t, [])
  const folder = sampleFolder(t)
  const port = new URL(url).port
  const bad = [
    ['--port', port, '--host', '127.0.0.1'],
    ['--port', '70000'],
    ['--host', 'localhost'],
    ['--trusted-proxy', 'everybody'],
    ['--allow', join(folder, 'missing')],
    ['--interval', '1'],
    ['--workers', '0'],
    ['--workers', '4', '--max-peers', '3'],
  ]
  for (const args of bad) {
    const { code, stdout, stderr } = await runCli(['tracker', ...args])
    assert.deepEqual([code, stdout], [2, ''], args.join(' '))
    assert.match(stderr, /\(BAD_OPTION\)\n$/)
  }
})

describe('with --workers', {
  skip: existsSync('/proc/self/stat') ? false : 'looks for processes in /proc',
}, () => {
  test('SIGTERM to all of its processes ends them with 0, and one alone finds what they knew', async (t) => {
    const state = join(sampleFolder(t), 'state')
    const first = await startTracker(t, ['--state', state, '--workers', '3'])
    for (let torrent = 1; torrent <= 9; torrent++) await announce(first.url, torrent)
    const workers = workerPids(first.child.pid)
    assert.equal(workers.length, 2)
    // As a terminal or a service manager does it.
    for (const pid of [...workers, first.child.pid!]) process.kill(pid, 'SIGTERM')
    assert.equal(await exitOf(first.child), 0)
    assert.deepEqual(workers.filter(isAlive), [])
    const second = await startTracker(t, ['--state', state])
    const stats = (await (await fetch(`${second.url}/stats.json`)).json()) as { leecherCount: number }
    assert.equal(stats.leecherCount, 9)
  })

  test('workers do not outlive a first process that is killed', async (t) => {
    const { child } = await startTracker(t, ['--workers', '3'])
    const workers = workerPids(child.pid)
    child.kill('SIGKILL')
    await exitOf(child)
    while (workers.some(isAlive)) await setImmediate()
  })

  test('a tracker whose workers all die ends with 1, for whoever watches it to see', async (t) => {
    const { child } = await startTracker(t, ['--workers', '2'])
    const exit = exitOf(child)
    let isOver = false
    void exit.then(() => {
      isOver = true
    })
    while (!isOver) {
      for (const pid of workerPids(child.pid)) process.kill(pid, 'SIGKILL')
      await delay(20)
    }
    assert.equal(await exit, 1)
  })
})
