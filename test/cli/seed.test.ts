import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CliProcess } from '../kit/cli-process.js'
import { RecordingTracker } from './recording-tracker.js'
import { runCli } from './run-cli.js'
import { sampleFolder, samplePayload, torrentBytes } from './sample-torrent.js'

const payload = samplePayload(2_000_003)
const other = samplePayload(300_000).reverse()

/** A folder with a torrent and its data, a tracker that the torrent names, and an empty folder beside it. */
async function makeSwarm(t: TestContext) {
  const tracker = new RecordingTracker()
  const announce = await tracker.serve(t)
  const folder = sampleFolder(t, {
    'data/payload.bin': payload,
    'data/set/other.bin': other,
    'payload.torrent': torrentBytes({ files: { 'payload.bin': payload }, fields: { announce } }),
    'set.torrent': torrentBytes({ folder: 'set', files: { 'other.bin': other }, fields: { announce } }),
  })
  const torrent = join(folder, 'payload.torrent')
  return { tracker, folder, torrent, data: join(folder, 'data'), output: join(folder, 'output') }
}

const LOCAL = ['--port', '0']

test('what seed offers, get finds through the tracker, and a seed that is stopped ends with 0', async (t) => {
  const { tracker, torrent, data, output } = await makeSwarm(t)
  const seed = new CliProcess(t, ['seed', torrent, data, ...LOCAL])
  const { left } = await tracker.until(({ event }) => event === 'started')
  assert.equal(left, 0)

  const { code, stderr } = await runCli(['get', torrent, '-o', output, ...LOCAL])
  assert.equal(code, 0, stderr)
  assert.ok(readFileSync(join(output, 'payload.bin')).equals(payload))

  const askedAt = performance.now()
  seed.kill('SIGTERM')
  const end = await seed.outcome
  assert.ok(performance.now() - askedAt < 2_000)
  assert.deepEqual([end.code, end.stderr], [0, ''])
  assert.deepEqual([end.last.event, end.last.goalReached], ['seeded', false])
  assert.equal(end.last.uploadedBytes, payload.length)
  assert.equal(tracker.announces.at(-1)!.event, 'stopped')
  assert.equal(tracker.announces.at(-1)!.uploaded, payload.length)
})

test('the events of a seed are those of a download that has nothing to fetch, and how the seeding ended', async (t) => {
  const { torrent, data } = await makeSwarm(t)
  const seed = new CliProcess(t, ['seed', torrent, data, '--no-trackers', '--time', '0.3', ...LOCAL])
  const { code, last } = await seed.outcome
  assert.equal(code, 0)
  const kinds = seed.events.map(({ event, phase }) => (event === 'notice' ? `phase ${phase}` : event))
  const told = kinds.filter((kind) => kind !== 'progress' && kind !== 'phase downloading')
  assert.deepEqual(told, ['started', 'phase seeding', 'complete', 'phase complete', 'seeded'])
  assert.ok(last.seededMs! >= 300)
  assert.deepEqual(
    { ...last, infoHash: undefined, seededMs: undefined },
    {
      event: 'seeded',
      source: torrent,
      infoHash: undefined,
      name: 'payload.bin',
      totalBytes: payload.length,
      uploadedBytes: 0,
      seededMs: undefined,
      goalReached: true,
    },
  )
})

test('--ratio ends it with 0 once so much has been uploaded', async (t) => {
  const { tracker, torrent, data, output } = await makeSwarm(t)
  const seed = new CliProcess(t, ['seed', torrent, join(data, 'payload.bin'), '--ratio', '1', ...LOCAL])
  await tracker.until(({ event }) => event === 'started')
  assert.equal((await runCli(['get', torrent, '-o', output, ...LOCAL])).code, 0)
  const { code, last } = await seed.outcome
  assert.equal(code, 0)
  assert.deepEqual([last.event, last.goalReached, last.uploadedBytes], ['seeded', true, payload.length])
})

test('for people there is a line when it begins, one while it lasts and one at its end', async (t) => {
  const { torrent, data } = await makeSwarm(t)
  const args = ['seed', torrent, data, '--no-trackers', '--time', '1.5s', ...LOCAL]
  const { code, stdout, stderr } = await runCli(args)
  assert.deepEqual([code, stdout], [0, ''])
  const lines = stderr.trimEnd().split('\n')
  assert.deepEqual(
    [lines[0], lines.at(-2)],
    ['payload.bin: 1.9 MiB in 123 pieces', 'payload.bin: seeding, 0 B uploaded, ratio 0.00, 0 B/s, 0 peers'],
  )
  assert.match(lines.at(-1)!, /^payload\.bin: seeded for [\d.]+s, 0 B uploaded, ratio 0\.00$/)
  assert.ok(lines.some((line) => line.endsWith(join(data, 'payload.bin'))))
})

test('the next run trusts what the last one has saved, unless a file has changed since', async (t) => {
  const { torrent, data } = await makeSwarm(t)
  const args = ['seed', torrent, data, '--no-trackers', '--time', '0', ...LOCAL]
  const checkedBytes = async () => {
    const seed = new CliProcess(t, args)
    assert.equal((await seed.outcome).code, 0)
    return seed.events.findLast(({ event }) => event === 'progress')!.checkedBytes
  }
  assert.equal(await checkedBytes(), payload.length)
  assert.equal(await checkedBytes(), 0)
  writeFileSync(join(data, 'payload.bin'), payload)
  assert.equal(await checkedBytes(), payload.length)
})

test('data that is not complete is not seeded: exit 6, and it stays as it is', async (t) => {
  const { torrent, data, folder } = await makeSwarm(t)
  const corrupt = Uint8Array.from(payload)
  corrupt[1_000_000]! ^= 1
  writeFileSync(join(data, 'payload.bin'), corrupt)
  const { code, last, stderr } = await new CliProcess(t, ['seed', torrent, data, ...LOCAL]).outcome
  assert.deepEqual([code, last.event, last.error!.code, last.exitCode], [6, 'error', 'INCOMPLETE', 6])
  assert.match(stderr, /^swarmfetch: payload\.bin: 1 pieces? .* \(INCOMPLETE\)$/m)
  assert.ok(readFileSync(join(data, 'payload.bin')).equals(corrupt))

  const nowhere = join(folder, 'nowhere')
  const missing = await runCli(['seed', torrent, nowhere, ...LOCAL])
  assert.equal(missing.code, 6)
  assert.match(missing.stderr, /neither holds payload\.bin nor is it \(INCOMPLETE\)$/m)
  assert.equal(existsSync(nowhere), false)
})

test('data that vanishes while it is seeded ends the seeding with 6', async (t) => {
  const { tracker, torrent, data, output } = await makeSwarm(t)
  const seed = new CliProcess(t, ['seed', torrent, data, ...LOCAL])
  await tracker.until(({ event }) => event === 'started')
  truncateSync(join(data, 'payload.bin'), 10)
  const get = new CliProcess(t, ['get', torrent, '-o', output, ...LOCAL])
  const { code, last } = await seed.outcome
  assert.deepEqual([code, last.event, last.error!.code], [6, 'error', 'INCOMPLETE'])
  get.kill('SIGTERM')
  assert.equal((await get.outcome).code, 7)
})

test('several torrents are seeded side by side, and one that is incomplete keeps no other from it', async (t) => {
  const { tracker, folder, torrent, data, output } = await makeSwarm(t)
  const set = join(folder, 'set.torrent')
  const gone = join(folder, 'gone.torrent')
  writeFileSync(gone, torrentBytes({ files: { gone: samplePayload(100) } }))
  const seed = new CliProcess(t, ['seed', gone, data, torrent, data, set, join(data, 'set'), ...LOCAL])
  const first = await tracker.until(({ left }) => left === 0)
  await tracker.until(({ infoHash }) => infoHash !== first.infoHash)

  assert.equal((await runCli(['get', torrent, set, '-o', output, ...LOCAL])).code, 0)
  assert.ok(readFileSync(join(output, 'payload.bin')).equals(payload))
  assert.ok(readFileSync(join(output, 'set', 'other.bin')).equals(other))

  seed.kill('SIGINT')
  assert.equal((await seed.outcome).code, 6)
  const ends = seed.events.filter(({ event }) => event === 'seeded' || event === 'error')
  assert.deepEqual(ends.map(({ source }) => source).sort(), [gone, torrent, set].sort())
})

test('a torrent without a path, and a port that is taken, are usage errors', async (t) => {
  const { torrent, data } = await makeSwarm(t)
  const odd = await runCli(['seed', torrent, data, torrent])
  assert.equal(odd.code, 2)
  assert.match(odd.stderr, /^swarmfetch: the torrent .* comes without the path of its data \(BAD_OPTION\)\n$/)

  const server = createServer()
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as { port: number }
  const taken = await runCli(['seed', torrent, data, '--port', String(port)])
  assert.equal(taken.code, 2)
  assert.match(taken.stderr, /cannot listen on port \d+ \(EADDRINUSE\) \(PORT_UNAVAILABLE\)$/m)
})

test('get --seed-ratio goes on seeding when it is complete, and ends with 0', async (t) => {
  const { tracker, torrent, data, output, folder } = await makeSwarm(t)
  const seed = new CliProcess(t, ['seed', torrent, data, ...LOCAL])
  await tracker.until(({ event }) => event === 'started')
  const first = new CliProcess(t, ['get', torrent, '-o', output, '--seed-ratio', '1', ...LOCAL])
  const { downloadedBytes } = await first.until(({ event }) => event === 'complete')
  assert.equal(downloadedBytes, payload.length)
  seed.kill('SIGTERM')
  await seed.outcome

  const second = await runCli(['get', torrent, '-o', join(folder, 'second'), ...LOCAL])
  assert.equal(second.code, 0, second.stderr)
  assert.ok(readFileSync(join(folder, 'second', 'payload.bin')).equals(payload))
  const { code, last } = await first.outcome
  assert.deepEqual([code, last.event, last.goalReached], [0, 'seeded', true])
  assert.deepEqual(readdirSync(output), ['payload.bin'])
})

test('a get that is stopped while it seeds ends with 0, and so does one whose time is over', async (t) => {
  const { tracker, torrent, data, folder } = await makeSwarm(t)
  const seed = new CliProcess(t, ['seed', torrent, data, ...LOCAL])
  await tracker.until(({ event }) => event === 'started')
  const stopped = new CliProcess(t, ['get', torrent, '-o', join(folder, 'a'), '--seed-time', '1h', ...LOCAL])
  await stopped.untilPhase('seeding')
  stopped.kill('SIGINT')
  const { code, last } = await stopped.outcome
  assert.deepEqual([code, last.event, last.goalReached], [0, 'seeded', false])

  const args = ['get', torrent, '-o', join(folder, 'b'), '--seed-time', '0.2', ...LOCAL]
  const over = await new CliProcess(t, args).outcome
  assert.deepEqual([over.code, over.last.event, over.last.goalReached], [0, 'seeded', true])
  seed.kill('SIGTERM')
  await seed.outcome
})

test('a download serves what it has while it still fetches the rest', async (t) => {
  const { tracker, torrent, data, output, folder } = await makeSwarm(t)
  const seed = new CliProcess(t, ['seed', torrent, data, '--max-upload', '700K', ...LOCAL])
  await tracker.until(({ event }) => event === 'started')
  const sharing = ['--seed-ratio', '1', '--no-pex', ...LOCAL]
  const first = new CliProcess(t, ['get', torrent, '-o', output, ...sharing])
  const { port } = await tracker.until(({ event, left }) => event === 'started' && left > 0)

  const peer = ['--no-trackers', '--no-pex', '--peer', `127.0.0.1:${port}`]
  const second = new CliProcess(t, ['get', torrent, '-o', join(folder, 'second'), ...peer, ...LOCAL])
  const served = await first.until(({ event, uploadedBytes }) => event === 'progress' && uploadedBytes! > 0)
  assert.equal(served.phase, 'downloading')
  assert.ok(served.completedBytes! < served.totalBytes!)

  assert.equal((await second.outcome).code, 0)
  assert.ok(readFileSync(join(folder, 'second', 'payload.bin')).equals(payload))
  assert.equal((await first.outcome).code, 0)
  seed.kill('SIGTERM')
  const { last } = await seed.outcome
  assert.equal(last.uploadedBytes, payload.length)
})
