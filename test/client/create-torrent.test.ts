import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import type { CreateTorrentOptions } from '../../src/client/create-options.js'
import { createTorrent } from '../../src/client/create-torrent.js'
import { verifyTorrent } from '../../src/client/verify-torrent.js'
import { OptionError, StorageError } from '../../src/core/errors.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { scratchFolder } from '../storage/sample-torrent.js'

type Tree = Readonly<Record<string, Uint8Array | string>>

/** A folder `set` with these files, in a place of its own. */
function place(parent: string, files: Tree): string {
  const folder = join(mkdtempSync(join(parent, 'tree-')), 'set')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

async function codeOf(creating: Promise<unknown>): Promise<string> {
  try {
    await creating
  } catch (error) {
    assert.ok(error instanceof OptionError || error instanceof StorageError, String(error))
    return error.code
  }
  return assert.fail('it was created')
}

/** A file of zeros, of no weight on disk. */
async function hollowFile(t: TestContext, bytes: number): Promise<string> {
  const path = join(await scratchFolder(t), 'hollow')
  writeFileSync(path, '')
  truncateSync(path, bytes)
  return path
}

test('a torrent of a random tree is complete where it was made', async (t) => {
  const parent = await scratchFolder(t)
  const name = fc.stringMatching(/^[a-zé_-]{1,3}$/).filter((text) => !/^(con|prn|aux|nul)$/.test(text))
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('/')}/leaf.bin`)
  const file = fc.tuple(path, fc.uint8Array({ minLength: 0, maxLength: 40_000, size: 'max' }))
  const files = fc.array(file, { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(files, fc.constantFrom(16_384, 32_768), async (entries, pieceLength) => {
      const content = Object.fromEntries([...entries, ['last', 'x']])
      const folder = place(parent, content)
      const created = await createTorrent(folder, { pieceLength, workers: 2 })
      const report = await verifyTorrent(created.torrent, dirname(folder))
      assert.equal(report.infoHash, created.infoHash)
      assert.deepEqual([report.verifiedBytes, report.files.length], [created.totalBytes, created.fileCount])
      assert.equal(created.fileCount, Object.keys(content).length)
    }),
    { numRuns: 25 },
  )
})

test('the same files give the same bytes, whatever their order, the threads and the parent', async (t) => {
  const parent = await scratchFolder(t)
  const files: [string, Uint8Array][] = ['c', 'a/x', 'b'].map((path) => [path, Buffer.alloc(100_000, path)])
  const options = { createdAtSeconds: false, trackers: ['http://t/'] } as const
  const first = await createTorrent(place(parent, Object.fromEntries(files)), { ...options, workers: 1 })
  const again = place(parent, Object.fromEntries(files.toReversed()))
  assert.deepEqual(await createTorrent(`${again}/`, { ...options, workers: 3 }), first)
})

test('a single file is described as such, with the hashes of its pieces', async (t) => {
  const content = Buffer.alloc(100_000, 'swarm')
  const folder = place(await scratchFolder(t), { 'data.bin': content })
  const created = await createTorrent(join(folder, 'data.bin'), { comment: 'c', createdAtSeconds: 12 })
  const { name, files, pieceHashes, comment, createdBy, createdAtSeconds } = parseMetainfo(created.torrent)
  assert.deepEqual([name, files.length, files[0]!.path], ['data.bin', 1, ['data.bin']])
  assert.deepEqual([comment, createdBy, createdAtSeconds], ['c', 'swarmfetch', 12])
  const first = createHash('sha1').update(content.subarray(0, 16_384)).digest()
  assert.deepEqual(Buffer.from(pieceHashes.subarray(0, 20)), first)
  const { torrent: _, ...facts } = created
  assert.deepEqual(facts, {
    infoHash: created.infoHash,
    magnet: `magnet:?xt=urn:btih:${created.infoHash}&dn=data.bin`,
    name: 'data.bin',
    totalBytes: 100_000,
    pieceLength: 16_384,
    pieceCount: 7,
    fileCount: 1,
    renamedFiles: [],
  })
})

test('progress grows to the whole, and the date is that of today unless it is left out', async (t) => {
  const path = await hollowFile(t, 40_000_000)
  const seen: number[] = []
  const created = await createTorrent(path, {
    onProgress(hashedBytes, bytesToHash) {
      assert.equal(bytesToHash, 40_000_000)
      seen.push(hashedBytes)
    },
  })
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
  assert.deepEqual([seen.at(-1), seen.length > 1], [40_000_000, true])
  const { createdAtSeconds } = parseMetainfo(created.torrent)
  assert.ok(Math.abs(createdAtSeconds! - Date.now() / 1000) < 3600)
  const undated = await createTorrent(path, { createdAtSeconds: false })
  assert.equal(parseMetainfo(undated.torrent).createdAtSeconds, undefined)
})

test('what matches a glob is left out, by its name or by its path', async (t) => {
  const paths = ['a.tmp', 'keep', 'sub/b.tmp', 'sub/keep', 'cache/x', 'sub/cache/y', '.git/z']
  const folder = place(await scratchFolder(t), Object.fromEntries(paths.map((path) => [path, path])))
  const kept = async (exclude: string[]) => {
    const { torrent } = await createTorrent(folder, { exclude })
    return parseMetainfo(torrent).files.map((file) => file.path.slice(1).join('/'))
  }
  assert.deepEqual(await kept(['*.tmp', 'cache/', '.*']), ['keep', 'sub/keep'])
  assert.deepEqual(await kept(['sub/*', '.git']), ['a.tmp', 'cache/x', 'keep'])
  assert.deepEqual(await kept(['**/{b,z}*']), ['a.tmp', 'cache/x', 'keep', 'sub/cache/y', 'sub/keep'])
  assert.equal(await codeOf(createTorrent(folder, { exclude: ['**'] })), 'NOTHING_SELECTED')
})

test('files that grow, shrink or appear while they are hashed are noticed', async (t) => {
  for (const change of [
    (path: string) => appendFileSync(path, 'x'),
    (path: string) => truncateSync(path, 0),
    (path: string) => writeFileSync(join(dirname(path), 'another'), 'x'),
  ]) {
    const path = await hollowFile(t, 80_000_000)
    let isChanged = false
    const onProgress = () => {
      if (!isChanged) change(path)
      isChanged = true
    }
    assert.equal(await codeOf(createTorrent(dirname(path), { workers: 1, onProgress })), 'FILE_CHANGED')
  }
})

test('an abort ends it with its own reason', async (t) => {
  const path = await hollowFile(t, 80_000_000)
  const abort = new AbortController()
  const onProgress = () => abort.abort(new Error('enough'))
  await assert.rejects(createTorrent(path, { signal: abort.signal, onProgress }), { message: 'enough' })
  await assert.rejects(createTorrent(path, { signal: abort.signal }), { message: 'enough' })
})

test('names that are not good everywhere are told with what becomes of them', async (t) => {
  const folder = place(await scratchFolder(t), { good: '1', 'end.': '2', 'Sub/nul': '3', 'sub/x': '4' })
  const { renamedFiles } = await createTorrent(folder)
  assert.deepEqual(renamedFiles, [
    { path: 'set/Sub/nul', downloadedAs: 'set/Sub/_nul' },
    { path: 'set/end.', downloadedAs: 'set/end' },
  ])
  const padded = place(await scratchFolder(t), { a: '1', '.pad/12': 'not padding' })
  assert.equal(await codeOf(createTorrent(padded)), 'BAD_NAME')
})

test('what cannot be a torrent is refused before anything is hashed', async (t) => {
  const parent = await scratchFolder(t)
  const empty = place(parent, { nothing: '' })
  assert.equal(await codeOf(createTorrent(empty)), 'NOTHING_SELECTED')
  assert.equal(await codeOf(createTorrent(join(parent, 'nowhere'))), 'NOT_FOUND')
  const huge = await hollowFile(t, 2 ** 40)
  const onProgress = () => assert.fail('it was hashed')
  assert.equal(await codeOf(createTorrent(huge, { pieceLength: 16_384, onProgress })), 'BAD_OPTION')
})

test('options that make no sense are named', async (t) => {
  const folder = place(await scratchFolder(t), { a: '1' })
  const cases: [CreateTorrentOptions, RegExp][] = [
    [{ pieceLength: 100_000 }, /^pieceLength: /],
    [{ pieceLength: Number.NaN }, /^pieceLength: /],
    [{ trackers: ['example.org'] }, /^trackers: example\.org /],
    [{ trackers: [['http://a/', 'ftp://b/']] }, /^trackers: ftp:\/\/b\/ /],
    [{ webSeeds: ['udp://a:1/'] }, /^webSeeds: /],
    [{ workers: 0 }, /^workers: /],
    [{ createdAtSeconds: 1.5 }, /^createdAtSeconds: /],
    [{ trackers: 'http://a/' as unknown as string[] }, /^trackers: not a list/],
    [{ exclude: '*.tmp' as unknown as string[] }, /^exclude: not a list/],
  ]
  for (const [options, message] of cases)
    await assert.rejects(createTorrent(folder, options), { name: 'OptionError', code: 'BAD_OPTION', message })
})
