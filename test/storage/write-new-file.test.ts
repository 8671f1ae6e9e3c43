import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { writeNewFile } from '../../src/storage/write-new-file.js'
import { scratchFolder } from './sample-torrent.js'

const NEW = Buffer.from('new')

test('a free name is taken, and nothing else is left in the folder', async (t) => {
  const folder = await scratchFolder(t)
  assert.equal(await writeNewFile(join(folder, 'file'), NEW, { overwrite: false }), true)
  assert.deepEqual(readdirSync(folder), ['file'])
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'new')
})

test('a name may be as long as the system allows', async (t) => {
  const folder = await scratchFolder(t)
  const name = 'x'.repeat(255)
  assert.equal(await writeNewFile(join(folder, name), NEW, { overwrite: false }), true)
  assert.deepEqual(readdirSync(folder), [name])
})

test('what is there stays as it is, unless it is to be overwritten', async (t) => {
  const folder = await scratchFolder(t)
  const path = join(folder, 'file')
  await writeNewFile(path, Buffer.from('old'), { overwrite: false })
  assert.equal(await writeNewFile(path, NEW, { overwrite: false }), false)
  assert.equal(readFileSync(path, 'utf8'), 'old')
  assert.equal(await writeNewFile(path, NEW, { overwrite: true }), true)
  assert.equal(readFileSync(path, 'utf8'), 'new')
  assert.deepEqual(readdirSync(folder), ['file'])
})

test('of several writers of one name exactly one gets it', async (t) => {
  const path = join(await scratchFolder(t), 'file')
  const attempts = Array.from({ length: 8 }, (_, nth) =>
    writeNewFile(path, Buffer.from(String(nth)), { overwrite: false }),
  )
  const winners = (await Promise.all(attempts)).flatMap((isWritten, nth) => (isWritten ? [String(nth)] : []))
  assert.deepEqual(winners, [readFileSync(path, 'utf8')])
})

test('a folder that is not there, or one in the way, is a StorageError', async (t) => {
  const folder = await scratchFolder(t)
  mkdirSync(join(folder, 'taken'))
  for (const path of [join(folder, 'no', 'file'), join(folder, 'taken')])
    await assert.rejects(writeNewFile(path, NEW, { overwrite: true }), StorageError)
  assert.deepEqual(readdirSync(folder), ['taken'])
})
