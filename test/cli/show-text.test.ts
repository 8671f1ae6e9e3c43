import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metainfoText } from '../../src/cli/show-text.js'
import { Geometry } from '../../src/core/geometry.js'
import type { Metainfo, MetainfoFile } from '../../src/metainfo/metainfo.js'

const MIB = 1_048_576

function file(path: string, length: number, offset: number, kind: Partial<MetainfoFile> = {}): MetainfoFile {
  const plain = { isPadding: false, isExecutable: false, isSymlink: false }
  return { path: path.split('/'), webPath: path.split('/'), length, offset, ...plain, ...kind }
}

function metainfo(changes: Partial<Metainfo> = {}): Metainfo {
  const files = [file('set/a.bin', 3 * MIB, 0), file('set/sub/b', 1024, 3 * MIB)]
  return {
    infoHash: { hex: '0123456789abcdef0123456789abcdef01234567', bytes: new Uint8Array(20) },
    name: 'set',
    geometry: new Geometry(3 * MIB + 1024, MIB, files),
    pieceHashes: new Uint8Array(80),
    files,
    isPrivate: false,
    trackers: [['http://a.example/announce', 'http://b.example/announce'], ['http://c.example/announce']],
    webSeeds: ['https://w.example/'],
    httpSeeds: [],
    nodes: [],
    comment: 'for tests',
    createdBy: 'mktorrent',
    createdAtSeconds: 1_700_000_000,
    infoBytes: new Uint8Array(),
    ...changes,
  }
}

test('everything that a person wants to know stands on one screen', () => {
  assert.equal(
    metainfoText(metainfo()),
    [
      'Name       set',
      'Info hash  0123456789abcdef0123456789abcdef01234567',
      'Size       3.0 MiB (3146752 bytes) in 2 files',
      'Pieces     4 of 1 MiB',
      'Private    no',
      'Created    2023-11-14 22:13 UTC by mktorrent',
      'Comment    for tests',
      'Trackers   1  http://a.example/announce  http://b.example/announce',
      '           2  http://c.example/announce',
      'Web seeds  https://w.example/',
      'Files',
      '  0     3 MiB  set/a.bin',
      '  1     1 KiB  set/sub/b',
    ].join('\n'),
  )
})

test('what is not there is not mentioned', () => {
  const bare = metainfo({
    trackers: [],
    webSeeds: [],
    comment: undefined,
    createdBy: undefined,
    createdAtSeconds: undefined,
  })
  assert.doesNotMatch(metainfoText(bare), /Trackers|Web seeds|Comment|Created/)
})

test('padding and symlinks are neither shown nor numbered', () => {
  const files = [
    file('set/a', 10, 0),
    file('set/.pad/6', 6, 10, { isPadding: true }),
    file('set/link', 0, 16, { isSymlink: true }),
    file('set/b', 10, 16),
  ]
  const text = metainfoText(metainfo({ files }))
  assert.match(text, /20 bytes\) in 2 files/)
  assert.deepEqual(text.split('\n').slice(-2), ['  0      10 B  set/a', '  1      10 B  set/b'])
})

test('a creation date beyond the calendar is left out, its maker is not', () => {
  for (const createdAtSeconds of [1e15, -1e15, undefined]) {
    assert.match(metainfoText(metainfo({ createdAtSeconds })), /^Created {4}by mktorrent$/m)
  }
})

test('hostile texts stay on their line and move no cursor', () => {
  const text = metainfoText(metainfo({ comment: 'x\nFiles\n\u001b[2J\u202e', createdBy: '\u001b]0;t\u0007' }))
  assert.match(text, /^Comment {4}x Files \[2J$/m)
  assert.match(text, /UTC by \]0;t$/m)
})
