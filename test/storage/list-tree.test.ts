import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { type ListedTree, listTree } from '../../src/storage/list-tree.js'
import { scratchFolder, scratchPool } from './sample-torrent.js'

/** A folder with these files, each holding its own path. */
async function folderOf(t: TestContext, paths: readonly string[]): Promise<string> {
  const folder = await scratchFolder(t)
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), path)
  }
  return folder
}

function list(
  t: TestContext,
  top: string,
  isExcluded = (_: readonly string[]) => false,
): Promise<ListedTree> {
  return listTree(top, { pool: scratchPool(t), isExcluded, throwIfStopped: () => {} })
}

function pathsOf({ files }: ListedTree): string[] {
  return files.map((file) => file.path.join('/'))
}

async function failureOf(listing: Promise<unknown>): Promise<string> {
  try {
    await listing
  } catch (error) {
    assert.ok(error instanceof StorageError, String(error))
    return error.code
  }
  return assert.fail('it was listed')
}

test('files come in the order of the bytes of their paths, hidden and empty ones too', async (t) => {
  const paths = ['.hidden', 'A', 'a-b', 'a.b', 'a/b', 'a/c/d', 'a0', 'é', '\ufb01', '\u{1f600}']
  const folder = await folderOf(t, paths.toReversed())
  writeFileSync(join(folder, 'empty'), '')
  mkdirSync(join(folder, 'no', 'files'), { recursive: true })
  const tree = await list(t, folder)
  assert.deepEqual(pathsOf(tree), [...paths.slice(0, 7), 'empty', ...paths.slice(7)])
  assert.deepEqual([tree.isFolder, tree.files[4]!.length], [true, 3])
})

test('a single file is a tree of its own', async (t) => {
  const folder = await folderOf(t, ['one'])
  const { isFolder, files } = await list(t, join(folder, 'one'))
  assert.deepEqual([isFolder, files.length, files[0]!.path, files[0]!.length], [false, 1, [], 3])
})

test('symlinks stand for what they lead to, files and folders', async (t) => {
  const elsewhere = await folderOf(t, ['x'])
  const folder = await folderOf(t, ['a'])
  symlinkSync(join(elsewhere, 'x'), join(folder, 'file'))
  symlinkSync(elsewhere, join(folder, 'folder'))
  assert.deepEqual(pathsOf(await list(t, folder)), ['a', 'file', 'folder/x'])
})

test('a symlink to a folder above, to nothing, a FIFO and a name that is not UTF-8 are errors', async (t) => {
  const loop = await folderOf(t, ['a/b/c'])
  symlinkSync('../..', join(loop, 'a', 'b', 'up'))
  assert.equal(await failureOf(list(t, loop)), 'UNSAFE_PATH')
  const dangling = await folderOf(t, ['a'])
  symlinkSync('nowhere', join(dangling, 'b'))
  assert.equal(await failureOf(list(t, dangling)), 'NOT_FOUND')
  const odd = await folderOf(t, ['a'])
  execFileSync('mkfifo', [join(odd, 'fifo')])
  assert.equal(await failureOf(list(t, odd)), 'NOT_A_FILE')
  const foreign = await folderOf(t, ['a'])
  writeFileSync(Buffer.concat([Buffer.from(`${foreign}/`), Buffer.from([0x66, 0xfc])]), '')
  assert.equal(await failureOf(list(t, foreign)), 'BAD_NAME')
})

test('what is excluded is not looked at, so that it cannot be an error', async (t) => {
  const folder = await folderOf(t, ['a', 'skip/x', 'b/skip'])
  symlinkSync('nowhere', join(folder, 'skip', 'dangling'))
  symlinkSync('nowhere', join(folder, 'b', 'skipped'))
  const tree = await list(t, folder, (path) => path.at(-1)!.startsWith('skip'))
  assert.deepEqual(pathsOf(tree), ['a'])
})

test('a path that is not there, or deeper than a torrent can hold, is an error', async (t) => {
  const folder = await folderOf(t, [`${'d/'.repeat(100)}f`])
  assert.equal(await failureOf(list(t, join(folder, 'nothing'))), 'NOT_FOUND')
  assert.equal(await failureOf(list(t, folder)), 'UNSAFE_PATH')
  assert.equal(await failureOf(list(t, '/dev/null')), 'NOT_A_FILE')
})

const asRoot = process.getuid?.() === 0 && 'root may read everything'
test('a file that may not be read is an error before any is hashed', { skip: asRoot }, async (t) => {
  const folder = await folderOf(t, ['a', 'secret'])
  chmodSync(join(folder, 'secret'), 0)
  assert.equal(await failureOf(list(t, folder)), 'PERMISSION_DENIED')
})

test('whoever asks to stop is heard between folders', async (t) => {
  const folder = await folderOf(t, ['a/b/c', 'd'])
  let calls = 0
  const throwIfStopped = () => {
    if (++calls === 3) throw new Error('enough')
  }
  const listing = listTree(folder, { pool: scratchPool(t), isExcluded: () => false, throwIfStopped })
  await assert.rejects(listing, { message: 'enough' })
})
