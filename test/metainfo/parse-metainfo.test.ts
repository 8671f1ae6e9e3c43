import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { MetainfoError, type MetainfoFault } from '../../src/core/errors.js'
import { parseInfoDict, parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { type Fields, multiFileBytes, torrentBytes } from './torrent-bytes.js'

function refused(bytes: Uint8Array, code: MetainfoFault): void {
  assert.throws(
    () => parseMetainfo(bytes),
    (error) => error instanceof MetainfoError && error.code === code,
  )
}

test('a single-file torrent is read', () => {
  const bytes = torrentBytes()
  const metainfo = parseMetainfo(bytes)
  const info = encodeBencode({
    length: 425,
    name: 'name.bin',
    'piece length': 16_384,
    pieces: Buffer.alloc(20, 7),
  })
  assert.equal(metainfo.infoHash.hex, createHash('sha1').update(info).digest('hex'))
  assert.deepEqual(Buffer.from(metainfo.infoHash.bytes), createHash('sha1').update(info).digest())
  assert.deepEqual(Buffer.from(metainfo.infoBytes), info)
  assert.equal(metainfo.name, 'name.bin')
  assert.equal(metainfo.geometry.pieceCount, 1)
  assert.equal(metainfo.geometry.totalBytes, 425)
  assert.deepEqual(Buffer.from(metainfo.pieceHashes), Buffer.alloc(20, 7))
  const names = { path: ['name.bin'], webPath: ['name.bin'] }
  const plain = { isPadding: false, isExecutable: false, isSymlink: false }
  assert.deepEqual(metainfo.files, [{ ...names, length: 425, offset: 0, ...plain }])
  assert.equal(metainfo.isPrivate, false)
  assert.deepEqual([metainfo.trackers, metainfo.webSeeds, metainfo.nodes], [[], [], []])
  assert.deepEqual(
    [metainfo.comment, metainfo.createdBy, metainfo.createdAtSeconds],
    Array(3).fill(undefined),
  )
})

test('the bytes may be reused afterwards', () => {
  const bytes = torrentBytes()
  const metainfo = parseMetainfo(bytes)
  const { hex } = metainfo.infoHash
  bytes.fill(0)
  assert.equal(createHash('sha1').update(metainfo.infoBytes).digest('hex'), hex)
  assert.deepEqual(Buffer.from(metainfo.pieceHashes), Buffer.alloc(20, 7))
})

test('the info hash is over the original bytes, in whatever order they came', () => {
  const info = `d4:name4:temp6:lengthi425e12:piece lengthi16384e6:pieces20:${'a'.repeat(20)}e`
  const metainfo = parseMetainfo(Buffer.from(`d4:info${info}8:announce3:bade\n`))
  assert.equal(metainfo.infoHash.hex, createHash('sha1').update(info).digest('hex'))
})

test('a multi-file torrent puts its files below its name, end to end', () => {
  const files = [
    { length: 10, path: ['a', 'x.txt'] },
    { length: 0, path: ['empty'] },
    { length: 20, path: ['b.txt'] },
  ]
  const { files: read, geometry } = parseMetainfo(
    torrentBytes({ name: 'set', length: undefined, files, 'piece length': 7, pieces: Buffer.alloc(100) }),
  )
  assert.deepEqual(
    read.map((file) => [file.path.join('/'), file.offset, file.length]),
    [
      ['set/a/x.txt', 0, 10],
      ['set/empty', 10, 0],
      ['set/b.txt', 10, 20],
    ],
  )
  assert.equal(geometry.pieceCount, 5)
})

test('the UTF-8 variants of names win', () => {
  const files = [{ length: 1, path: ['alt'], 'path.utf-8': ['né'] }]
  const metainfo = parseMetainfo(torrentBytes({ length: undefined, files, 'name.utf-8': 'nämë' }))
  assert.deepEqual(metainfo.files[0]!.path, ['nämë', 'né'])
})

test('names in a legacy encoding are read as the torrent says', () => {
  const name = Buffer.from('b1b1bea9', 'hex')
  assert.equal(parseMetainfo(torrentBytes({ name }, { encoding: 'GBK' })).name, '北京')
  assert.equal(parseMetainfo(torrentBytes({ name })).name, '±±¾©')
})

test('a folder of which no name is left is called by the info hash, a file is refused', () => {
  for (const name of ['..', '', '/']) {
    const metainfo = parseMetainfo(multiFileBytes([['a']], { name }))
    assert.equal(metainfo.name, metainfo.infoHash.hex)
    refused(torrentBytes({ name }), 'BAD_NAME')
  }
})

test('padding and symlinks are marked, and padding needs no path', () => {
  const files = [
    { length: 45, path: ['foo', 'bar.txt'], attr: 'xh' },
    { length: 10, attr: 'p' },
    { length: 5, path: ['.pad', '5'] },
    { length: 5, path: ['_____padding_file_0_x'] },
    { length: 999, path: ['link'], attr: 'l', 'symlink path': ['foo', 'bar.txt'] },
    { attr: 'pl', 'symlink path': ['somewhere'] },
  ]
  const metainfo = parseMetainfo(torrentBytes({ length: undefined, files }))
  assert.deepEqual(
    metainfo.files.map((file) => [file.isPadding, file.isSymlink, file.isExecutable, file.length]),
    [
      [false, false, true, 45],
      [true, false, false, 10],
      [true, false, false, 5],
      [true, false, false, 5],
      [false, true, false, 0],
      [true, true, false, 0],
    ],
  )
  assert.deepEqual(metainfo.files[1]!.path, ['name.bin', '.pad', '10'])
  assert.equal(metainfo.geometry.totalBytes, 65)
})

test('what is never written takes no name from what is', () => {
  const files = [
    { length: 1, path: ['a'], attr: 'p' },
    { path: ['b', 'c'], attr: 'l', 'symlink path': ['a'] },
    { length: 1, path: ['a'] },
    { length: 1, path: ['b'] },
  ]
  const metainfo = parseMetainfo(torrentBytes({ length: undefined, files }))
  assert.deepEqual(
    metainfo.files.map((file) => file.path.at(-1)),
    ['a', 'c', 'a', 'b'],
  )
})

test('the comment and its like are made fit to print', () => {
  const root = { comment: 'hi\x1b[31m', 'created by': 'maker/1', 'creation date': 1_359_599_503 }
  const metainfo = parseMetainfo(torrentBytes({}, root))
  assert.equal(metainfo.comment, 'hi[31m')
  assert.equal(metainfo.createdBy, 'maker/1')
  assert.equal(metainfo.createdAtSeconds, 1_359_599_503)
})

test('fields of no importance may be of any kind', () => {
  const odd = {
    comment: 1,
    'created by': [],
    'creation date': 'x',
    nodes: 1,
    'announce-list': 'x',
    'url-list': 1,
  }
  const metainfo = parseMetainfo(
    torrentBytes({ private: 'x', attr: 7 }, { ...odd, announce: [], encoding: 1 }),
  )
  assert.equal(metainfo.comment, undefined)
  assert.equal(metainfo.createdAtSeconds, undefined)
  assert.equal(metainfo.isPrivate, false)
})

test('an unsafe integer matters only where it is used', () => {
  const bytes = (key: string, total: string) =>
    Buffer.from(`d${key}4:infod6:length${total}4:name1:a12:piece lengthi16384e6:pieces20:${'a'.repeat(20)}ee`)
  const huge = 'i99999999999999999999e'
  assert.equal(parseMetainfo(bytes(`13:creation date${huge}`, 'i1e')).createdAtSeconds, undefined)
  refused(bytes('', huge), 'BAD_FILES')
})

test('a private torrent says so in its info', () => {
  assert.equal(parseMetainfo(torrentBytes({ private: 1 })).isPrivate, true)
  assert.equal(parseMetainfo(torrentBytes({ private: 0 }, { private: 1 })).isPrivate, false)
})

test('a hybrid is read by its v1 side, and a torrent without one is refused as v2', () => {
  const v2 = { 'meta version': 2, 'file tree': { 'name.bin': { '': { length: 425 } } } }
  assert.equal(parseMetainfo(torrentBytes(v2)).files.length, 1)
  refused(torrentBytes({ ...v2, pieces: undefined, length: undefined }), 'V2_ONLY')
  refused(torrentBytes({ ...v2, pieces: undefined }), 'V2_ONLY')
  assert.throws(() => parseMetainfo(torrentBytes({ ...v2, pieces: undefined })), /v2/)
})

test('the largest piece length is accepted, and one that is no power of two', () => {
  assert.equal(parseMetainfo(torrentBytes({ 'piece length': 536_854_528 })).geometry.pieceCount, 1)
  assert.equal(parseMetainfo(torrentBytes({ 'piece length': 1000 })).geometry.pieceLength, 1000)
})

test('what is not a torrent is told from a broken one', () => {
  refused(Buffer.from(''), 'BAD_BENCODE')
  refused(Buffer.from('<html></html>'), 'BAD_BENCODE')
  refused(Buffer.from('10:libtorrent'), 'NOT_A_TORRENT')
  refused(Buffer.from('le'), 'NOT_A_TORRENT')
  refused(encodeBencode({ 'magnet-uri': 'magnet:?xt=x' }), 'NOT_A_TORRENT')
  refused(encodeBencode({ info: 'files' }), 'BAD_INFO')
  refused(Buffer.concat([torrentBytes(), torrentBytes()]), 'BAD_BENCODE')
  refused(Buffer.concat([Buffer.from('d4:info0:'), torrentBytes().subarray(1)]), 'BAD_BENCODE')
})

test('more than the limits allow is too large', () => {
  refused(Buffer.alloc(10_000_001), 'TOO_LARGE')
  refused(Buffer.from('l'.repeat(101)), 'TOO_LARGE')
  refused(torrentBytes({ length: 1_759_218_597_889 }), 'TOO_LARGE')
})

const BROKEN_INFO: Record<string, readonly Fields[]> = {
  BAD_NAME: [{ name: undefined }, { name: 1348 }, { name: ['x'] }],
  BAD_PIECE_LENGTH: [undefined, 0, -16_384, '16384', 536_854_529].map((length) => ({
    'piece length': length,
  })),
  BAD_PIECES: [
    { pieces: undefined },
    { pieces: -23 },
    { pieces: '' },
    { pieces: Buffer.alloc(24) },
    { pieces: Buffer.alloc(19) },
    { pieces: Buffer.alloc(40) },
    { length: 16_385 },
  ],
  BAD_FILES: [
    { length: undefined },
    { length: -1 },
    { length: 'x' },
    { length: [45] },
    { length: 0, pieces: '' },
    ...[[], 'x', {}, [1], [[]], [{}], [{ length: 1 }], [{ path: ['a'] }]].map((files) => ({ files })),
    ...[[], 'a', 1, [1], ['a', 1], [['a']], Array(101).fill('a')].map((path) => ({
      files: [{ length: 1, path }],
    })),
    { files: [{ length: -1, path: ['a'] }] },
    { files: [{ length: 0, path: ['a'] }], pieces: '' },
    { files: [{ length: 1, path: ['a'], attr: 'l', 'symlink path': ['a', 4] }] },
    { files: Array(3).fill({ length: Number.MAX_SAFE_INTEGER, path: ['a'] }) },
  ],
}

test('an info that contradicts itself or lacks something is refused for what is wrong with it', () => {
  for (const [code, infos] of Object.entries(BROKEN_INFO)) {
    for (const info of infos) refused(torrentBytes(info), code as MetainfoFault)
  }
})

test('no change of a byte gives anything but metainfo or a MetainfoError', () => {
  const files = [
    { length: 10, path: ['a', 'x.txt'] },
    { length: 20, path: ['b.txt'], attr: 'x' },
  ]
  const root = { announce: 'http://t/a', 'url-list': ['http://w/'], nodes: [['127.0.0.1', 6881]] }
  const original = torrentBytes({ length: undefined, files }, root)
  const changes = fc.array(fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 })), {
    maxLength: 3,
  })
  fc.assert(
    fc.property(changes, (list) => {
      const bytes = Buffer.from(original)
      for (const [place, byte] of list) bytes[place] = byte
      try {
        assert.ok(parseMetainfo(bytes).geometry.pieceCount > 0)
      } catch (error) {
        assert.ok(error instanceof MetainfoError, String(error))
      }
    }),
    { numRuns: 3000 },
  )
})

test('an info dict alone means what it means in a .torrent', () => {
  const torrent = parseMetainfo(torrentBytes())
  const { trackers, webSeeds } = torrent
  const alone = parseInfoDict(torrent.infoBytes, { trackers, webSeeds })
  assert.equal(alone.infoHash.hex, torrent.infoHash.hex)
  assert.deepEqual(alone.files, torrent.files)
  assert.deepEqual(alone.pieceHashes, torrent.pieceHashes)
  assert.deepEqual(alone.trackers, trackers)
})

test('an info dict that is none is refused', () => {
  const sources = { trackers: [], webSeeds: [] }
  const broken: readonly (readonly [string, MetainfoFault])[] = [
    ['', 'BAD_BENCODE'],
    ['le', 'BAD_INFO'],
    ['de ', 'BAD_INFO'],
    ['de', 'BAD_NAME'],
    ['d9:file treedee', 'V2_ONLY'],
  ]
  for (const [text, code] of broken) {
    const isExpected = (error: unknown) => error instanceof MetainfoError && error.code === code
    assert.throws(() => parseInfoDict(Buffer.from(text), sources), isExpected, text)
  }
})

test('an info dict may be larger than a .torrent, up to 30 MiB', () => {
  const sources = { trackers: [], webSeeds: [] }
  const isTooLarge = (error: unknown) => error instanceof MetainfoError && error.code === 'TOO_LARGE'
  assert.throws(() => parseInfoDict(new Uint8Array(30 * 2 ** 20 + 1), sources), isTooLarge)
  const pieceCount = 600_000
  const torrent = { length: pieceCount * 16_384, pieces: Buffer.alloc(20 * pieceCount) }
  const info = encodeBencode({ ...torrent, name: 'large', 'piece length': 16_384 })
  assert.equal(parseInfoDict(info, sources).geometry.pieceCount, pieceCount)
})
