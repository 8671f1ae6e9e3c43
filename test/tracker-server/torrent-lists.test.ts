import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { OptionError } from '../../src/core/errors.js'
import { ListFiles } from '../../src/tracker-server/list-files.js'
import { parseInfoHashes, TorrentLists } from '../../src/tracker-server/torrent-lists.js'
import { infoHash } from './sample-tracker.js'

const hex = (byte: number) => Buffer.from(infoHash(byte)).toString('hex')

function permitted(lists: TorrentLists): number[] {
  return [1, 2, 3].filter((byte) => lists.permits(infoHash(byte)))
}

function listFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-lists-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'list')
  writeFileSync(path, text)
  return path
}

test('without lists everything is served', () => {
  assert.deepEqual(permitted(new TorrentLists(() => false)), [1, 2, 3])
})

test('what is allowed or in the catalogue is served, and nothing that is denied', () => {
  const lists = new TorrentLists((infoHashHex) => infoHashHex === hex(2))
  lists.allowed = new Set([hex(1)])
  assert.deepEqual(permitted(lists), [1, 2])
  lists.denied = new Set([hex(2)])
  assert.deepEqual(permitted(lists), [1])
  lists.allowed = undefined
  assert.deepEqual(permitted(lists), [1, 3])
})

test('a list is one info hash a line, with comments and in either case', () => {
  const text = `# ours\n\n${hex(0xab).toUpperCase()}  # first\r\n ${hex(2)}`
  assert.deepEqual([...parseInfoHashes(text)], [hex(0xab), hex(2)])
})

test('a line that is no info hash is named, and the list refused', () => {
  for (const line of ['abc', `${hex(1)}0`, `${hex(1)} ${hex(2)}`, hex(1).replace('0', 'g')]) {
    assert.throws(() => parseInfoHashes(`${hex(3)}\n${line}`), /line 2/)
  }
})

test('a list is read again when its file is replaced, and at once when asked', async (t) => {
  const path = listFile(t, hex(1))
  const lists = new TorrentLists(() => false)
  const files = new ListFiles(lists, { allowed: path })
  await files.read({ all: true })
  assert.deepEqual(permitted(lists), [1])
  writeFileSync(`${path}.new`, `${hex(2)}\n${hex(3)}`)
  renameSync(`${path}.new`, path)
  await files.read({ all: false })
  assert.deepEqual(permitted(lists), [2, 3])
})

test('a list that is broken or gone leaves the last good one in force, and is told of once', async (t) => {
  const path = listFile(t, hex(1))
  const lists = new TorrentLists(() => false)
  const files = new ListFiles(lists, { denied: path })
  await files.read({ all: true })
  writeFileSync(path, 'nonsense\n')
  await assert.rejects(files.read({ all: false }), OptionError)
  await files.read({ all: false })
  assert.deepEqual(permitted(lists), [2, 3])
  unlinkSync(path)
  await assert.rejects(files.read({ all: false }), /denied torrents/)
  assert.deepEqual(permitted(lists), [2, 3])
})
