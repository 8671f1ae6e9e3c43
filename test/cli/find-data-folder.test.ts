import assert from 'node:assert/strict'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { findDataFolder } from '../../src/cli/find-data-folder.js'
import { VerifyError } from '../../src/core/errors.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { sampleFolder, samplePayload, torrentBytes } from './sample-torrent.js'

const payload = samplePayload(100)
const single = parseMetainfo(torrentBytes({ files: { 'a.bin': payload } }))
const several = parseMetainfo(torrentBytes({ folder: 'set', files: { 'a.bin': payload, 'sub/b': payload } }))
const onDisk = { 'data/a.bin': payload, 'data/set/a.bin': payload, 'data/set/sub/b': payload }

test('the path is the folder that holds the data, or the data itself', async (t) => {
  const data = join(sampleFolder(t, onDisk), 'data')
  for (const [path, metainfo] of [
    [data, single],
    [join(data, 'a.bin'), single],
    [data, several],
    [join(data, 'set'), several],
    [`${join(data, 'set')}/`, several],
    [relative(process.cwd(), join(data, 'set')), several],
  ] as const) {
    assert.equal(await findDataFolder(path, metainfo), data, path)
  }
})

test('a folder that holds a folder of its own name is the one that holds it', async (t) => {
  const folder = sampleFolder(t, { 'set/set/a.bin': payload })
  assert.equal(await findDataFolder(join(folder, 'set'), several), join(folder, 'set'))
})

test('a path where the data is not is told, whatever is wrong with it', async (t) => {
  const folder = sampleFolder(t, { 'data/b.bin': payload })
  for (const path of ['data', 'data/b.bin', 'data/a.bin', 'data/b.bin/a.bin', 'nowhere']) {
    await assert.rejects(findDataFolder(join(folder, path), single), (error: unknown) => {
      assert.ok(error instanceof VerifyError)
      assert.equal(error.code, 'INCOMPLETE')
      assert.match(error.message, /neither holds a\.bin nor is it$/)
      return true
    })
  }
})
