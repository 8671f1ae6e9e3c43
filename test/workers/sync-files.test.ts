import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { syncFiles } from '../../workers/sync-files.js'
import { scratchFolder } from '../storage/sample-torrent.js'

test('files are made durable, and those that are not there are left out', async (t) => {
  const folder = await scratchFolder(t)
  const paths = ['a', 'absent', 'b'].map((name) => join(folder, name))
  writeFileSync(paths[0]!, 'a')
  writeFileSync(paths[2]!, 'b')
  assert.deepEqual(syncFiles({ paths }), { failure: undefined, isLost: false })
})

test('what is no regular file is a failure that says which', async (t) => {
  const folder = await scratchFolder(t)
  const paths = ['file', 'folder', 'link'].map((name) => join(folder, name))
  writeFileSync(paths[0]!, '')
  mkdirSync(paths[1]!)
  symlinkSync('file', paths[2]!)
  const failures = [paths, [paths[2]!]].map((each) => syncFiles({ paths: each }).failure)
  assert.deepEqual(
    failures.map((failure) => [failure?.code, failure?.subject]),
    [
      ['EISDIR', 1],
      ['ELOOP', 0],
    ],
  )
})
