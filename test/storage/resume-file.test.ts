import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { OutputFolder } from '../../src/storage/output-folder.js'
import { ResumeFile } from '../../src/storage/resume-file.js'
import { scratchFolder } from './sample-torrent.js'

async function scratchFile(t: TestContext): Promise<{ file: ResumeFile; folder: string }> {
  const folder = await scratchFolder(t)
  return { file: new ResumeFile(new OutputFolder(folder), 'ab12'), folder }
}

const say = (text: string) => async () => Buffer.from(text)

test('what was written is read, with the time at which it was written', async (t) => {
  const { file, folder } = await scratchFile(t)
  let savedAtNs = 0n
  await file.replace(async (beganNs) => {
    savedAtNs = beganNs
    return Buffer.from('first')
  })
  await file.replace(say('second'))
  const found = await file.read(6)
  assert.equal(String(found?.bytes), 'second')
  assert.ok(found!.touchedAtNs >= savedAtNs)
  assert.equal(found?.touchedAtNs, (await stat(file.path, { bigint: true })).mtimeNs)
  assert.deepEqual(await readdir(folder), ['.ab12.resume'])
})

test('anything but a readable file of the right size reads as nothing', async (t) => {
  const { file, folder } = await scratchFile(t)
  assert.equal(await file.read(100), undefined)
  await writeFile(file.path, 'too long')
  assert.equal(await file.read(7), undefined)
  await rm(file.path)
  await writeFile(join(folder, 'target'), 'text')
  await symlink('target', file.path)
  assert.equal(await file.read(100), undefined)
  await file.touch()
  await rm(file.path)
  await mkdir(file.path)
  assert.equal(await file.read(100), undefined)
  await rm(file.path, { recursive: true })
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [file.path])
    assert.equal(await file.read(100), undefined)
    await file.touch()
  }
})

test('a save replaces whatever is in the way but a folder, and follows no symlink', async (t) => {
  const { file, folder } = await scratchFile(t)
  await writeFile(join(folder, 'target'), 'text')
  await symlink('target', file.path)
  await symlink('target', `${file.path}.tmp`)
  await file.replace(say('new'))
  assert.equal(await readFile(join(folder, 'target'), 'utf8'), 'text')
  assert.equal(String((await file.read(100))?.bytes), 'new')
  await file.remove()
  await mkdir(file.path)
  await assert.rejects(file.replace(say('new')), StorageError)
  assert.deepEqual((await readdir(folder)).sort(), ['.ab12.resume', 'target'])
})

test('a save that fails leaves the old file, and no temporary', async (t) => {
  const { file, folder } = await scratchFile(t)
  await file.replace(say('old'))
  const failing = file.replace(async () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  })
  await assert.rejects(failing, (error) => error instanceof StorageError && error.code === 'DISK_FULL')
  assert.equal(String((await file.read(100))?.bytes), 'old')
  assert.deepEqual(await readdir(folder), ['.ab12.resume'])
})

test('nothing can be saved to a folder that is not there', async (t) => {
  const { file, folder } = await scratchFile(t)
  await rm(folder, { recursive: true })
  await assert.rejects(file.replace(say('text')), StorageError)
  assert.equal(await file.read(100), undefined)
  await file.remove()
  await file.touch()
})

test('reading and removing clear away what a crash left', async (t) => {
  const { file, folder } = await scratchFile(t)
  await writeFile(`${file.path}.tmp`, 'half')
  assert.equal(await file.read(100), undefined)
  assert.deepEqual(await readdir(folder), [])
  await writeFile(`${file.path}.tmp`, 'half')
  await writeFile(file.path, 'whole')
  await file.remove()
  assert.deepEqual(await readdir(folder), [])
})

test('a touch changes the time and nothing else', async (t) => {
  const { file } = await scratchFile(t)
  await file.replace(say('text'))
  await utimes(file.path, 1000, 1000)
  await file.touch()
  const found = await file.read(100)
  assert.equal(String(found?.bytes), 'text')
  assert.ok(found!.touchedAtNs > 1000n * 1_000_000_000n)
})
