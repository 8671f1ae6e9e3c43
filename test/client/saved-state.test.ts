import assert from 'node:assert/strict'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TorrentOptions } from '../../src/client/options.js'
import type { TorrentProgress } from '../../src/client/progress.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, openClient, startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }

function resumePath(made: MadeTorrent, folder: string): string {
  return join(folder, `.${made.metainfo.infoHash.hex}.resume`)
}

/** Runs until it is complete, and tells how that went and which pieces were asked for. */
async function complete(
  t: TestContext,
  made: MadeTorrent,
  output: string,
  options: Partial<TorrentOptions> = {},
): Promise<{ readonly progress: TorrentProgress; readonly asked: ReadonlySet<number> }> {
  const seed = await ScriptedPeer.listen(t, made)
  const client = openClient(t)
  const torrent = await client.add(made.bytes, {
    output,
    useTrackers: false,
    peers: [seed.address],
    ...options,
  })
  await torrent.done
  await client.close()
  return { progress: torrent.progress(), asked: new Set(seed.requests.map(({ index }) => index)) }
}

/** Stops in the midst of a download; the seed has only the pieces before this one. */
async function stopHalfway(t: TestContext, made: MadeTorrent, output: string, pieces: number): Promise<void> {
  const seed = await ScriptedPeer.listen(t, made, {
    script: {
      greeted(link) {
        link.greet()
        link.offer(Array.from({ length: pieces }, (_, index) => index))
      },
    },
  })
  const client = openClient(t)
  const torrent = await client.add(made.bytes, { output, useTrackers: false, peers: [seed.address] })
  await eventually(() => torrent.progress().verifiedPieces === pieces)
  await torrent.stop()
  await client.close()
}

test('after a clean stop nothing is read again, and only what is missing is fetched', TIMEOUT, async (t) => {
  const made = makeSingle(3_000_000, 64 * KIB)
  const output = scratchFolder(t)
  await stopHalfway(t, made, output, 20)
  const { progress, asked } = await complete(t, made, output)
  assertFiles(made, output)
  assert.equal(progress.bytesToCheck, 0)
  assert.deepEqual(
    [...asked].sort((a, b) => a - b),
    Array.from({ length: 26 }, (_, nth) => 20 + nth),
  )
  assert.deepEqual(readdirSync(output), ['data.bin'])
})

test('a seed that was stopped starts again without reading its data', TIMEOUT, async (t) => {
  const made = makeSingle(3_000_000, 64 * KIB)
  const first = await startSeed(t, made)
  assert.equal(first.torrent.progress().bytesToCheck, 3_000_000)
  await first.client.close()
  const client = openClient(t)
  const second = await client.add(made.bytes, {
    output: first.folder,
    useTrackers: false,
    seed: true,
    download: false,
  })
  await second.done
  assert.equal(second.progress().bytesToCheck, 0)
  assert.equal(second.progress().verifiedPieces, 46)
})

test('a partial selection that is complete needs nobody the next time', TIMEOUT, async (t) => {
  const made = makeTorrent({
    folder: 'f',
    files: { a: 100_000, b: 100_000, c: 100_000 },
    pieceLength: 32 * KIB,
  })
  const output = scratchFolder(t)
  await complete(t, made, output, { select: ['b'] })
  const again = await complete(t, made, output, { select: ['b'], peers: [] })
  assert.equal(again.progress.bytesToCheck, 0)
  assertFiles(made, output, (path) => path === 'b')
  // More of it: what is there is not fetched again, as far as it can be told without the files beside it.
  const more = await complete(t, made, output, { select: ['b', 'c'] })
  assertFiles(made, output, (path) => path !== 'a')
  assert.ok(!more.asked.has(4) && !more.asked.has(5), [...more.asked].join())
})

const SPOILED: Readonly<Record<string, (path: string, other: string) => void>> = {
  'has one flipped bit': (path) => {
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 4
    writeFileSync(path, bytes)
  },
  'is cut short': (path) => truncateSync(path, readFileSync(path).length - 1),
  'is empty': (path) => truncateSync(path, 0),
  'has something behind it': (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(0)])),
  'is of another torrent': (path, other) => copyFileSync(other, path),
  'is ten megabytes of something else': (path) => writeFileSync(path, Buffer.alloc(10_000_000, 'd')),
  'is a folder': (path) => {
    rmSync(path)
    mkdirSync(path)
  },
  'is a symlink': (path, other) => {
    rmSync(path)
    symlinkSync(other, path)
  },
  'is gone': (path) => rmSync(path),
}

for (const [what, spoil] of Object.entries(SPOILED)) {
  test(
    `when the state ${what}, all that is there is read again, and none of it fetched`,
    TIMEOUT,
    async (t) => {
      const made = makeSingle(1_000_000, 64 * KIB)
      const output = scratchFolder(t)
      await stopHalfway(t, made, output, 10)
      const other = makeSingle(1_000_001, 64 * KIB)
      const otherOutput = scratchFolder(t)
      await stopHalfway(t, other, otherOutput, 12)
      spoil(resumePath(made, output), resumePath(other, otherOutput))
      const { progress, asked } = await complete(t, made, output)
      assertFiles(made, output)
      assert.equal(progress.bytesToCheck, 10 * 64 * KIB)
      assert.deepEqual(
        [...asked].sort((a, b) => a - b),
        [10, 11, 12, 13, 14, 15],
      )
    },
  )
}

const CHANGED: Readonly<Record<string, { change: (path: string) => void; isLost: boolean }>> = {
  'was written to': {
    change: (path) => {
      const bytes = readFileSync(path)
      bytes[70_000]! ^= 1
      writeFileSync(path, bytes)
    },
    isLost: true,
  },
  'only has another time': { change: (path) => utimesSync(path, 1, 1), isLost: false },
  'became longer': { change: (path) => writeFileSync(path, 'more', { flag: 'a' }), isLost: false },
}

for (const [what, { change, isLost }] of Object.entries(CHANGED)) {
  test(`of several files only the one that ${what} is read again`, TIMEOUT, async (t) => {
    const made = makeTorrent({
      folder: 'f',
      files: { a: 256 * KIB, b: 128 * KIB, c: 512 * KIB },
      pieceLength: 32 * KIB,
    })
    const { client, folder } = await startSeed(t, made)
    await client.close()
    change(join(folder, 'f', 'b'))
    const { progress, asked } = await complete(t, made, folder)
    assert.equal(progress.bytesToCheck, 128 * KIB)
    assert.deepEqual([...asked], isLost ? [10] : [])
    assertFiles(made, folder)
  })
}

test('a file that is gone is fetched again, and no other read', TIMEOUT, async (t) => {
  const made = makeTorrent({
    folder: 'f',
    files: { a: 256 * KIB, b: 64 * KIB, c: 512 * KIB },
    pieceLength: 32 * KIB,
  })
  const { client, folder } = await startSeed(t, made)
  await client.close()
  rmSync(join(folder, 'f', 'b'))
  const { progress, asked } = await complete(t, made, folder)
  assert.equal(progress.bytesToCheck, 0)
  assert.deepEqual([...asked].sort(), [8, 9])
  assertFiles(made, folder)
})
