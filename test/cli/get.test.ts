import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type Helper, seedArguments, startHelper } from '../../bench/helper-process.js'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { makeWorkspace } from '../../bench/workspace.js'
import { addressKey } from '../../src/core/peer-address.js'
import { PROGRAM } from '../kit/cli-process.js'
import { serveHttp, serveSilence } from '../kit/local-server.js'
import { outcomeOf, runCli, startCli } from './run-cli.js'
import { sampleFolder, samplePayload, torrentBytes } from './sample-torrent.js'

const PAYLOAD_BYTES = 2_000_003

/** One seed for all tests, with `payload.bin`; its torrent names no tracker. */
let seed: Helper
let peer: string
let torrent: string
let payload: Buffer

before(async () => {
  const folder = makeWorkspace(tmpdir())
  const file = writeRandomFile(join(folder, 'payload.bin'), PAYLOAD_BYTES)
  const info = hashPayload({ files: [file], pieceLengthBytes: 32_768 })
  torrent = join(folder, 'payload.torrent')
  writeTorrent(torrent, info, undefined)
  seed = await startHelper('seed', seedArguments(info))
  peer = addressKey(seed.addresses[0]!)
  payload = readFileSync(file.location)
})

after(() => seed.stop())

type Event = Record<string, unknown> & { event: string }

function eventsOf(stdout: string): Event[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
}

function assertDownloaded(output: string): void {
  assert.ok(readFileSync(join(output, 'payload.bin')).equals(payload))
}

test('a peer whose name has no address is told of, and the others are asked', async (t) => {
  const output = sampleFolder(t)
  const peers = ['--peer', 'nobody.invalid:6881', '--peer', peer]
  const { code, stderr } = await runCli(['get', torrent, ...peers, '-o', output])
  assert.equal(code, 0, stderr)
  assertDownloaded(output)
  assert.match(stderr, /^swarmfetch: passed over the peer nobody\.invalid:6881, which has no address: .+$/m)
})

test('get downloads from a peer, says where the file is, and exits with 0', async (t) => {
  const output = join(sampleFolder(t), 'new', 'folder')
  const { code, stdout, stderr } = await runCli(['get', torrent, '--peer', peer, '-o', output])
  assert.deepEqual([code, stdout], [0, ''], stderr)
  assertDownloaded(output)
  const lines = stderr.trimEnd().split('\n')
  assert.equal(lines[0], 'payload.bin: 1.9 MiB in 62 pieces')
  assert.match(lines.at(-1)!, /^payload\.bin: 1\.9 MiB in [\d.]+m?s, .*iB\/s: /)
  assert.ok(lines.at(-1)!.endsWith(join(output, 'payload.bin')))
})

test('get --json tells the same in events, and a second run has nothing to fetch', async (t) => {
  const output = sampleFolder(t)
  const args = ['get', torrent, '--peer', peer, '-o', output, '--json']
  const first = await runCli(args)
  assert.deepEqual([first.code, first.stderr], [0, ''])
  const events = eventsOf(first.stdout)
  assert.deepEqual(
    { ...events[0], infoHash: undefined },
    {
      event: 'started',
      source: torrent,
      infoHash: undefined,
      name: 'payload.bin',
      totalBytes: PAYLOAD_BYTES,
      pieceCount: 62,
    },
  )
  const complete = events.at(-1)!
  assert.equal(complete.event, 'complete')
  assert.deepEqual(complete.files, [join(output, 'payload.bin')])
  assert.equal(complete.totalBytes, PAYLOAD_BYTES)
  assert.ok((complete.downloadedBytes as number) >= PAYLOAD_BYTES)

  const second = eventsOf((await runCli(args)).stdout).at(-1)!
  assert.deepEqual([second.event, second.downloadedBytes], ['complete', 0])
  assertDownloaded(output)
})

test('get --quiet says nothing when all goes well', async (t) => {
  const output = sampleFolder(t)
  const outcome = await runCli(['get', torrent, '--peer', peer, '-o', output, '--quiet', '--sequential'])
  assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' })
  assertDownloaded(output)
})

test('get -o - writes the file to standard output and nothing else', async (t) => {
  const child = startCli(t, ['get', torrent, '--peer', peer, '-o', '-'])
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  const code = await new Promise((resolve) => child.once('close', resolve))
  assert.equal(code, 0)
  assert.ok(Buffer.concat(parts).equals(payload))
})

test('a bad source does not keep the others from completing, and its code is the exit code', async (t) => {
  const output = sampleFolder(t)
  const bad = join(output, 'bad.torrent')
  writeFileSync(bad, 'not bencode')
  const { code, stdout } = await runCli(['get', bad, torrent, '--peer', peer, '-o', output, '--json'])
  assert.equal(code, 3)
  assertDownloaded(output)
  const [error] = eventsOf(stdout)
  assert.deepEqual([error!.event, error!.source, error!.infoHash, error!.exitCode], ['error', bad, null, 3])
  assert.deepEqual(Object.keys(error!.error as object), ['code', 'message'])
})

test('two sources that would write the same file: the second is refused', async (t) => {
  const output = sampleFolder(t)
  const other = join(output, 'other.torrent')
  writeFileSync(other, torrentBytes({ files: { 'payload.bin': samplePayload(100) } }))
  const { code, stderr } = await runCli(['get', torrent, other, '--peer', peer, '-o', output])
  assert.equal(code, 2)
  assert.match(
    stderr,
    /^swarmfetch: .*other\.torrent: payload\.bin is already the output of .* \(DUPLICATE_OUTPUT\)$/m,
  )
  assertDownloaded(output)
})

test('with --encryption require it does not download from a peer that takes none', async (t) => {
  const args = ['get', torrent, '--peer', peer, '-o', sampleFolder(t), '--timeout', '1']
  assert.equal((await runCli([...args, '--encryption', 'require'])).code, 4)
})

test('with nobody to ask it gives up with 4', async (t) => {
  const { code, stderr } = await runCli(['get', torrent, '-o', sampleFolder(t)])
  assert.equal(code, 4)
  assert.match(stderr, /^swarmfetch: payload\.bin: .* \(NO_PEERS\)$/m)
})

test('with a peer that never answers, --timeout gives up with 4', async (t) => {
  const silent = new URL(await serveSilence(t)).host
  const { code, stderr } = await runCli([
    'get',
    torrent,
    '-o',
    sampleFolder(t),
    '--peer',
    silent,
    '--timeout',
    '1',
  ])
  assert.equal(code, 4)
  assert.match(stderr, /\((NO_PROGRESS|NO_PEERS)\)$/m)
})

test('a folder that cannot be made is a storage error', async (t) => {
  const folder = sampleFolder(t, { file: samplePayload(1) })
  const { code, stderr } = await runCli(['get', torrent, '--peer', peer, '-o', join(folder, 'file', 'below')])
  assert.equal(code, 5)
  assert.match(
    stderr,
    /^swarmfetch: payload\.bin: .* \([A-Z_]+\)$|^swarmfetch: .*payload\.torrent: .* \([A-Z_]+\)$/m,
  )
})

/** Starts a download that takes its time, and waits until it has begun. */
async function startSlowly(t: TestContext, output: string) {
  mkdirSync(output, { recursive: true })
  const child = startCli(t, ['get', torrent, '--peer', peer, '-o', output, '--max-download', '200K'])
  const outcome = outcomeOf(child)
  await new Promise((resolve) => child.stderr.once('data', resolve))
  return { child, outcome }
}

test('SIGINT and SIGTERM stop it with 7 within two seconds, and the same command goes on', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const output = sampleFolder(t)
    const { child, outcome } = await startSlowly(t, output)
    const startedAt = performance.now()
    child.kill(signal)
    const { code, stderr } = await outcome
    assert.equal(code, 7, stderr)
    assert.ok(performance.now() - startedAt < 2_000)
    assert.match(stderr, /^swarmfetch: payload\.bin: stopped at \d+% \(STOPPED\)$/m)
    assert.match(stderr, /^swarmfetch: stopped; the same command goes on from here\n$/m)
    assert.equal((await runCli(['get', torrent, '--peer', peer, '-o', output])).code, 0)
    assertDownloaded(output)
  }
})

test('one request may arrive as two signals in the same moment, as `timeout` sends it', async (t) => {
  const { child, outcome } = await startSlowly(t, sampleFolder(t))
  child.kill('SIGTERM')
  child.kill('SIGINT')
  assert.equal((await outcome).code, 7)
})

test('a later signal, while a tracker lets it wait, ends it at once with 130', async (t) => {
  const folder = sampleFolder(t)
  const location = join(folder, 'a.torrent')
  const heard: string[] = []
  const tracker = await serveHttp(t, (request, response) => {
    heard.push(/event=(\w+)/.exec(request.url ?? '')?.[1] ?? 'none')
    if (request.url?.includes('event=started')) response.end('d8:intervali1800e5:peers0:e')
  })
  const fields = { announce: `${tracker}announce` }
  writeFileSync(location, torrentBytes({ files: { a: samplePayload(100) }, fields }))
  const child = startCli(t, ['get', location, '-o', folder, '--json'])
  const outcome = outcomeOf(child)
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => text.includes('trackerAnswered') && resolve())
  })
  const insist = setInterval(() => child.kill('SIGINT'), 100)
  t.after(() => clearInterval(insist))
  assert.equal((await outcome).code, 130)
  assert.deepEqual(heard, ['started', 'stopped'])
})

test('a server that does not give its .torrent holds up no other source', async (t) => {
  const silent = await serveSilence(t)
  const child = startCli(t, ['get', silent, torrent, '--peer', peer, '-o', sampleFolder(t), '--json'])
  const complete = new Promise((resolve) => {
    child.stdout.on('data', (events) => String(events).includes('"event":"complete"') && resolve(undefined))
  })
  const outcome = outcomeOf(child)
  await complete
  child.kill('SIGINT')
  const { code, stdout } = await outcome
  assert.equal(code, 7)
  const error = eventsOf(stdout).find(({ event }) => event === 'error')
  assert.equal(error?.source, silent)
})

test('a reader that takes nothing does not keep it from stopping', async (t) => {
  const child = startCli(t, ['get', torrent, '--peer', peer, '-o', '-'])
  await new Promise((resolve) => child.stderr.once('data', resolve))
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const startedAt = performance.now()
  child.kill('SIGINT')
  assert.equal(await exit, 7)
  assert.ok(performance.now() - startedAt < 2_000)
})

test('what went to standard output is gone: nobody is told that it goes on', async (t) => {
  const child = startCli(t, ['get', torrent, '--peer', peer, '-o', '-', '--max-download', '200K'])
  child.stdout.once('data', () => child.kill('SIGINT'))
  const { code, stderr } = await outcomeOf(child)
  assert.equal(code, 7)
  assert.match(stderr, /stopped at \d+% \(STOPPED\)\n$/)
})

test('a reader of events that goes away stops the download with 7', async (t) => {
  const output = sampleFolder(t)
  const args = ['get', torrent, '--peer', peer, '-o', output, '--json', '--max-download', '200K']
  const child = startCli(t, args)
  child.stdout.once('data', () => child.stdout.destroy())
  assert.equal(await new Promise((resolve) => child.once('close', resolve)), 7)
})

test('a log that cannot be kept ends no download', { skip: !existsSync('/dev/full') }, async (t) => {
  const output = sampleFolder(t)
  const full = openSync('/dev/full', 'w')
  t.after(() => closeSync(full))
  const args = ['get', torrent, '--peer', peer, '-o', output, '--no-dht', '--no-lsd']
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', full] })
  t.after(() => child.kill('SIGKILL'))
  assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
  assertDownloaded(output)
})
