import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { OutputFolder } from '../../src/storage/output-folder.js'
import { scratchFolder } from './sample-torrent.js'

const isRoot = process.getuid?.() === 0

function withCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StorageError, String(error))
    assert.equal(error.code, code)
    return true
  }
}

/** An output folder with a secret beside it. */
async function folderBesideSecret(t: TestContext): Promise<{ folder: OutputFolder; secret: string }> {
  const base = await scratchFolder(t)
  await mkdir(join(base, 'out'))
  await mkdir(join(base, 'secret'))
  return { folder: new OutputFolder(join(base, 'out')), secret: join(base, 'secret') }
}

test('folders on the way are made once, also when many files want them at once', async (t) => {
  const folder = new OutputFolder(join(await scratchFolder(t), 'not', 'there', 'yet'))
  const names = Array.from({ length: 20 }, (_, nth) => ['a', 'b', 'c', `${nth}`])
  const handles = await Promise.all(names.map((name) => folder.openFile(name)))
  await Promise.all(handles.map((handle) => handle.close()))
  assert.equal((await readdir(folder.pathOf(['a', 'b', 'c']))).length, 20)
})

test('opening keeps what is in the file', async (t) => {
  const folder = new OutputFolder(await scratchFolder(t))
  await writeFile(folder.pathOf(['file']), 'content')
  await (await folder.openFile(['file'])).close()
  assert.equal(await readFile(folder.pathOf(['file']), 'latin1'), 'content')
})

test('the output folder may be a symlink and lie behind one', async (t) => {
  const base = await scratchFolder(t)
  await mkdir(join(base, 'real', 'inner'), { recursive: true })
  await symlink('real', join(base, 'link'))
  await symlink('inner', join(base, 'real', 'out'))
  const folder = new OutputFolder(join(base, 'link', 'out'))
  await folder.prepare()
  await (await folder.openFile(['sub', 'file'])).close()
  assert.ok((await stat(join(base, 'real', 'inner', 'sub', 'file'))).isFile())
})

test('a folder that is a symlink out of the output folder is refused, however deep', async (t) => {
  for (const target of ['../secret', '..', '/', '../out-beside', 'loop', 'dangling/deeper']) {
    const { folder, secret } = await folderBesideSecret(t)
    await mkdir(join(secret, '..', 'out-beside'))
    await symlink(target, folder.pathOf(['loop']))
    await assert.rejects(folder.openFile(['loop', 'file']), withCode('UNSAFE_PATH'), target)
    await assert.rejects(folder.openFile(['loop', 'deeper', 'file']), withCode('UNSAFE_PATH'), target)
    await assert.rejects(folder.hasFolder(['loop']), withCode('UNSAFE_PATH'), target)
    assert.deepEqual(await readdir(secret), [])
  }
})

test('a folder that is a symlink to a place inside the output folder is followed', async (t) => {
  const { folder } = await folderBesideSecret(t)
  await mkdir(folder.pathOf(['inside']))
  await symlink('inside', folder.pathOf(['link']))
  await (await folder.openFile(['link', 'file'])).close()
  assert.ok((await stat(folder.pathOf(['inside', 'file']))).isFile())
})

test('a file that is a symlink is never followed, not even to the inside', async (t) => {
  const { folder, secret } = await folderBesideSecret(t)
  await writeFile(join(secret, 'file'), 'secret')
  await symlink('../secret/file', folder.pathOf(['existing']))
  await symlink('../secret/new', folder.pathOf(['absent']))
  for (const name of ['existing', 'absent']) {
    await assert.rejects(folder.openFile([name]), withCode('UNSAFE_PATH'))
  }
  assert.deepEqual(await readdir(secret), ['file'])
  assert.equal(await readFile(join(secret, 'file'), 'latin1'), 'secret')
})

test('folders, FIFOs and devices in the place of a file are refused at once', async (t) => {
  const folder = new OutputFolder(await scratchFolder(t))
  await mkdir(folder.pathOf(['dir']))
  execFileSync('mkfifo', [folder.pathOf(['fifo'])])
  const names = ['dir', 'fifo']
  if (isRoot) {
    execFileSync('mknod', [folder.pathOf(['null']), 'c', '1', '3'])
    names.push('null')
  }
  for (const name of names) await assert.rejects(folder.openFile([name]), withCode('NOT_A_FILE'), name)
})

test('a file in the place of a folder is refused', async (t) => {
  const folder = new OutputFolder(await scratchFolder(t))
  await writeFile(folder.pathOf(['file']), '')
  await assert.rejects(folder.openFile(['file', 'inner']), withCode('NOT_A_FILE'))
  await assert.rejects(new OutputFolder(folder.pathOf(['file'])).prepare(), withCode('NOT_A_FILE'))
  await assert.rejects(new OutputFolder(folder.pathOf(['file', 'deeper'])).prepare(), withCode('NOT_A_FILE'))
})

test('a folder that may not be written to is refused before anything starts', {
  skip: isRoot && 'root may',
}, async (t) => {
  const folder = new OutputFolder(await scratchFolder(t))
  await chmod(folder.path, 0o500)
  await assert.rejects(folder.prepare(), withCode('PERMISSION_DENIED'))
  await assert.rejects(folder.openFile(['file']), withCode('PERMISSION_DENIED'))
})

test('what cannot be named says why', async (t) => {
  const folder = new OutputFolder(await scratchFolder(t))
  await assert.rejects(folder.openFile(['x'.repeat(300)]), withCode('BAD_NAME'))
})

test('removing a file that is not there, or whose folder is not, is no error', async (t) => {
  const folder = new OutputFolder(join(await scratchFolder(t), 'nowhere'))
  await folder.removeFile(['file'])
  await (await folder.openFile(['file'])).close()
  await folder.removeFile(['file'])
  assert.deepEqual(await readdir(folder.path), [])
})
