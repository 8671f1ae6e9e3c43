import assert from 'node:assert/strict'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MetadataFile } from '../../src/storage/metadata-file.js'

const HASH = 'ab'.repeat(20)
const NAME = `.${HASH}.torrent`

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-metadata-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('what is written is read again, from a folder that is made for it, and goes when it is removed', async (t) => {
  const folder = join(makeFolder(t), 'new', 'folder')
  const file = new MetadataFile(folder, HASH)
  assert.equal(await file.read(), undefined)
  await file.write(Buffer.from('first'))
  await file.write(Buffer.from('second'))
  assert.deepEqual(readdirSync(folder), [NAME])
  assert.equal(String(await file.read()), 'second')
  await file.remove()
  await file.remove()
  assert.deepEqual(readdirSync(folder), [])
})

test('neither a symlink nor an endless file is read, and a symlink is replaced, not followed', async (t) => {
  const folder = makeFolder(t)
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'secret')
  symlinkSync(secret, join(folder, NAME))
  const file = new MetadataFile(folder, HASH)
  assert.equal(await file.read(), undefined)
  await file.write(Buffer.from('metadata'))
  assert.equal(readFileSync(secret, 'utf8'), 'secret')
  assert.equal(String(await file.read()), 'metadata')
  truncateSync(join(folder, NAME), 2 ** 40)
  assert.equal(await file.read(), undefined)
})
