/** The info hashes of our torrents beside those that other makers give to the same files. */
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTorrent } from '../../src/client/create-torrent.js'
import { newFolder } from '../kit/real-folders.js'
import { makeWithMktorrent, makeWithTransmission } from '../kit/real-makers.js'
import { needs } from '../kit/real-programs.js'

/** A folder `set` with these files. */
function place(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(newFolder(), 'set')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** All that makers differ in, were they careless. */
const AWKWARD = {
  '.hidden': 'h',
  Upper: 'u',
  'a-b': '1',
  'a.b': '2',
  'a/b': Buffer.alloc(100_000, 'b'),
  'a/c d/é': '3',
  a0: Buffer.alloc(32_768),
  empty: '',
  'z/\u{1f600}': '4',
}

function awkwardFolder(): string {
  const folder = place(AWKWARD)
  symlinkSync('a.b', join(folder, 'link'))
  symlinkSync('a', join(folder, 'folder-link'))
  return folder
}

const mktorrent = { skip: needs('mktorrent', 'transmission-cli') }

test(
  'an awkward folder has the info hash that mktorrent gives it, public and private',
  mktorrent,
  async () => {
    const path = awkwardFolder()
    for (const pieceLength of [32_768, 262_144]) {
      for (const isPrivate of [false, true]) {
        const torrent = join(newFolder(), 'theirs.torrent')
        const theirs = makeWithMktorrent({ path, torrent, pieceLengthBytes: pieceLength, isPrivate })
        assert.equal((await createTorrent(path, { pieceLength, isPrivate })).infoHash, theirs)
      }
    }
  },
)

test('so has a single file, however many pieces it has', mktorrent, async () => {
  for (const length of [1, 32_768, 32_769, 10_000_000]) {
    const path = join(place({ 'data.bin': Buffer.alloc(length, 'swarm') }), 'data.bin')
    const torrent = join(newFolder(), 'theirs.torrent')
    const theirs = makeWithMktorrent({ path, torrent, pieceLengthBytes: 32_768 })
    assert.equal((await createTorrent(path, { pieceLength: 32_768 })).infoHash, theirs)
  }
})

test('so has any tree', mktorrent, async () => {
  const name = fc.stringMatching(/^[ -.0-~é]{1,3}$/).filter((text) => !/^\.\.?$/.test(text))
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('/')}/leaf.bin`)
  const file = fc.tuple(path, fc.uint8Array({ maxLength: 60_000, size: 'max' }))
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 12 }), async (files) => {
      const folder = place(Object.fromEntries([...files, ['last', 'x']]))
      const torrent = join(newFolder(), 'theirs.torrent')
      const theirs = makeWithMktorrent({ path: folder, torrent, pieceLengthBytes: 32_768 })
      assert.equal((await createTorrent(folder, { pieceLength: 32_768 })).infoHash, theirs)
    }),
    { numRuns: 15 },
  )
})

// It leaves out hidden and empty files, sorts without regard to case, and says `private` even when it is not.
const transmission = { skip: needs('transmission-create', 'transmission-cli') }

test('a plain private folder has the info hash that transmission-create gives it', transmission, async () => {
  const path = place({ 'a-b': '1', 'a.b': '2', 'a/b': Buffer.alloc(100_000, 'b'), a0: '3', 'c/d/e': '4' })
  const torrent = join(newFolder(), 'theirs.torrent')
  const plan = { isPrivate: true, tracker: 'http://127.0.0.1:1/announce' }
  const theirs = makeWithTransmission({ path, torrent, ...plan, pieceLengthBytes: 32_768 })
  assert.equal((await createTorrent(path, { pieceLength: 32_768, isPrivate: true })).infoHash, theirs)
})
