import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCli } from './run-cli.js'
import { sampleFolder, samplePayload, torrentBytes } from './sample-torrent.js'

const files = { 'a.bin': samplePayload(50_000), 'sub/b.bin': samplePayload(40_000) }
const torrent = torrentBytes({ folder: 'set', files })
const onDisk = { 'set.torrent': torrent, 'set/a.bin': files['a.bin'], 'set/sub/b.bin': files['sub/b.bin'] }

test('what is complete is verified, and exits with 0', async (t) => {
  const folder = sampleFolder(t, onDisk)
  const { code, stdout } = await runCli(['verify', join(folder, 'set.torrent'), folder])
  assert.deepEqual([code, stdout], [0, 'set: complete, 87.9 KiB verified\n'])
})

test('a corrupt byte is found: exit 6, the file is named, and stderr says how much', async (t) => {
  const corrupt = Uint8Array.from(files['sub/b.bin'])
  corrupt[39_999]! ^= 1
  const folder = sampleFolder(t, { ...onDisk, 'set/sub/b.bin': corrupt })
  const { code, stdout, stderr } = await runCli(['verify', join(folder, 'set.torrent'), folder])
  assert.equal(code, 6)
  assert.match(stdout, /^set: incomplete files\n {2}set\/sub\/b\.bin: .* of 39\.1 KiB verified\n$/)
  assert.match(stderr, /^swarmfetch: set: 1 of 6 pieces \(.*\) are missing or corrupt \(INCOMPLETE\)$/m)
})

test('--json reports bytes by file, and says whether that is all', async (t) => {
  const folder = sampleFolder(t, { 'set.torrent': torrent, 'set/a.bin': files['a.bin'] })
  const { code, stdout } = await runCli(['verify', join(folder, 'set.torrent'), folder, '--json'])
  assert.equal(code, 6)
  const { infoHash, ...report } = JSON.parse(stdout) as Record<string, unknown>
  assert.match(String(infoHash), /^[0-9a-f]{40}$/)
  assert.deepEqual(report, {
    name: 'set',
    totalBytes: 90_000,
    verifiedBytes: 49_152,
    pieceCount: 6,
    verifiedPieces: 3,
    files: [
      { path: 'set/a.bin', length: 50_000, verifiedBytes: 49_152, lengthOnDisk: 50_000 },
      { path: 'set/sub/b.bin', length: 40_000, verifiedBytes: 0, lengthOnDisk: null },
    ],
    complete: false,
  })
})

test('a file that is too long, or an empty one that is missing, is not what was asked for', async (t) => {
  const plan = { folder: 'set', files: { 'a.bin': samplePayload(50_000), 'b.bin': Buffer.alloc(0) } }
  const source = { 'set.torrent': torrentBytes(plan), 'set/a.bin': samplePayload(50_000) }
  const missing = sampleFolder(t, source)
  const tooLong = sampleFolder(t, {
    ...source,
    'set/a.bin': samplePayload(50_003),
    'set/b.bin': Buffer.alloc(0),
  })
  const texts: string[] = []
  for (const folder of [missing, tooLong]) {
    const { code, stdout } = await runCli(['verify', join(folder, 'set.torrent'), folder])
    assert.equal(code, 6)
    texts.push(stdout)
  }
  assert.deepEqual(texts, [
    'set: incomplete files\n  set/b.bin: missing\n',
    'set: incomplete files\n  set/a.bin: 3 B too long\n',
  ])
})

test('nothing there at all is incomplete, not an error', async (t) => {
  const folder = sampleFolder(t, { 'set.torrent': torrent })
  const { code } = await runCli(['verify', join(folder, 'set.torrent'), join(folder, 'nowhere'), '--quiet'])
  assert.equal(code, 6)
})

test('--select looks at the chosen files only', async (t) => {
  const folder = sampleFolder(t, { ...onDisk, 'set/a.bin': samplePayload(1) })
  const args = ['verify', join(folder, 'set.torrent'), folder, '--json', '--select']
  const wanted = JSON.parse((await runCli([...args, '0'])).stdout) as { complete: boolean; files: unknown[] }
  assert.deepEqual([wanted.complete, wanted.files.length], [false, 1])
  const whole = sampleFolder(t, onDisk)
  assert.equal((await runCli(['verify', join(whole, 'set.torrent'), whole, '--select', '1'])).code, 0)
  const { code, stderr } = await runCli([...args, 'no-such-file'])
  assert.equal(code, 2)
  assert.match(stderr, /\(NOTHING_SELECTED\)$/m)
})
