import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { transferableSymbol, valueSymbol } from 'piscina'
import { ABSENT, NOT_REGULAR, STAMP_FIELDS, SYMLINK, ZEROS } from '../../src/storage/piece-tasks.js'
import { fileStamps, hashPieces, storePieces, writeSpans, zeroFill } from '../../workers/piece-worker.js'
import { scratchFolder } from '../storage/sample-torrent.js'

const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()

/** What Piscina would send of a result that moves its buffer. */
function sent<Answer extends { readonly buffer: ArrayBuffer }>(movable: Answer): Answer {
  const { [transferableSymbol]: moved, [valueSymbol]: answer } = movable as unknown as {
    [transferableSymbol]: ArrayBuffer[]
    [valueSymbol]: Answer
  }
  assert.deepEqual(moved, [answer.buffer], 'the buffer is moved, not copied')
  return answer
}

async function openScratch(t: TestContext): Promise<{ fd: number; path: string }> {
  const path = join(await scratchFolder(t), 'file')
  const fd = openSync(path, 'w+')
  t.after(() => closeSync(fd))
  return { fd, path }
}

test('pieces that are right are written where they belong, others are not', async (t) => {
  const { fd, path } = await openScratch(t)
  const buffer = new TextEncoder().encode('good-BAD!-nice').buffer
  const hashes = Buffer.concat([
    sha1(Buffer.from('good-')),
    sha1(Buffer.from('bad!-')),
    sha1(Buffer.from('nice')),
  ])
  const pieces = [0, 5, 2, 5, 5, 1, 10, 4, 1]
  const spans = [fd, 20, 0, 2, fd, 0, 2, 3, fd, 10, 5, 5, fd, 3, 10, 4]
  const answer = sent(storePieces({ buffer, hashes, pieces, spans }))
  assert.deepEqual(answer.corrupt, [1])
  assert.equal(answer.failure, undefined)
  assert.equal(answer.buffer, buffer)
  assert.equal(readFileSync(path, 'latin1'), `od-nice${'\0'.repeat(13)}go`)
})

test('a full disk is told as a value', () => {
  const fd = openSync('/dev/full', 'r+')
  try {
    const answer = sent(writeSpans({ buffer: new ArrayBuffer(4096), spans: [fd, 0, 0, 4096] }))
    assert.equal(answer.failure?.code, 'ENOSPC')
    assert.equal(answer.failure.subject, fd)
    assert.equal(zeroFill({ fd, position: 0, length: 1 }).failure?.code, 'ENOSPC')
  } finally {
    closeSync(fd)
  }
})

test('a descriptor that was closed is told as a value', async (t) => {
  const { path } = await openScratch(t)
  const fd = openSync(path, 'r')
  closeSync(fd)
  const answer = sent(writeSpans({ buffer: new ArrayBuffer(1), spans: [fd, 0, 0, 1] }))
  assert.equal(answer.failure?.code, 'EBADF')
})

test('spans are read across files, with zeros for padding', async (t) => {
  const folder = await scratchFolder(t)
  const paths = [join(folder, 'a'), join(folder, 'b')]
  writeFileSync(paths[0]!, 'xxhello')
  writeFileSync(paths[1]!, 'world')
  const whole = Buffer.concat([Buffer.from('hello'), Buffer.alloc(3_000_000), Buffer.from('world')])
  const spans = [0, 2, 5, ZEROS, 0, 3_000_000, 1, 0, 5, 0, 0, 2]
  const hashes = Buffer.concat([sha1(whole), sha1(Buffer.from('xx'))])
  assert.deepEqual(hashPieces({ paths, hashes, spanCounts: [3, 1], spans }), {
    corrupt: [],
    failure: undefined,
  })
})

test('a piece larger than one step of reading has the right hash', async (t) => {
  const path = join(await scratchFolder(t), 'large')
  const bytes = Buffer.alloc(2_500_001, 'abcdefg')
  writeFileSync(path, bytes)
  const task = { paths: [path], spanCounts: [1], spans: [0, 0, bytes.length] }
  assert.deepEqual(hashPieces({ ...task, hashes: sha1(bytes) }).corrupt, [])
  assert.deepEqual(hashPieces({ ...task, hashes: sha1(Buffer.from('other')) }).corrupt, [0])
})

test('absent and short files make their pieces corrupt, and the rest are still looked at', async (t) => {
  const folder = await scratchFolder(t)
  const paths = [join(folder, 'absent'), join(folder, 'short'), join(folder, 'good')]
  writeFileSync(paths[1]!, 'ab')
  writeFileSync(paths[2]!, 'abc')
  const right = sha1(Buffer.from('abc'))
  const answer = hashPieces({
    paths,
    hashes: Buffer.concat([right, right, right]),
    spanCounts: [1, 1, 1],
    spans: [0, 0, 3, 1, 0, 3, 2, 0, 3],
  })
  assert.deepEqual(answer, { corrupt: [0, 1], failure: undefined })
})

test('reading follows no symlink and takes nothing but files', async (t) => {
  const folder = await scratchFolder(t)
  writeFileSync(join(folder, 'target'), 'abc')
  symlinkSync('target', join(folder, 'link'))
  mkdirSync(join(folder, 'dir'))
  const failureOf = (name: string) => {
    const hashes = sha1(Buffer.from('abc'))
    return hashPieces({ paths: [join(folder, name)], hashes, spanCounts: [1], spans: [0, 0, 3] }).failure
      ?.code
  }
  assert.equal(failureOf('link'), 'ELOOP')
  assert.equal(failureOf('dir'), 'EISDIR')
})

test('zeros fill exactly the stretch they are told to', async (t) => {
  const { fd, path } = await openScratch(t)
  writeFileSync(path, 'abc')
  assert.equal(zeroFill({ fd, position: 2, length: 1_500_000 }).failure, undefined)
  assert.deepEqual(readFileSync(path), Buffer.concat([Buffer.from('ab'), Buffer.alloc(1_500_000)]))
})

test('stamps tell files from symlinks, other things and nothing', async (t) => {
  const folder = await scratchFolder(t)
  writeFileSync(join(folder, 'file'), 'abc')
  symlinkSync('file', join(folder, 'link'))
  mkdirSync(join(folder, 'dir'))
  const paths = ['file', 'link', 'dir', 'nothing'].map((name) => join(folder, name))
  const { stamps, failure } = fileStamps({ paths })
  assert.equal(failure, undefined)
  const sizes = [0, 1, 2, 3].map((place) => Number(stamps[place * STAMP_FIELDS]))
  assert.deepEqual(sizes, [3, SYMLINK, NOT_REGULAR, ABSENT])
})

test('a stamp has the time to the nanosecond and the inode', async (t) => {
  const path = join(await scratchFolder(t), 'file')
  writeFileSync(path, 'abc')
  const { mtimeNs, ino } = statSync(path, { bigint: true })
  assert.deepEqual([...fileStamps({ paths: [path] }).stamps], [3n, mtimeNs, BigInt.asIntN(64, ino)])
})

test('a path that cannot be looked at is named by its place', () => {
  const answer = fileStamps({ paths: ['/', `/${'x'.repeat(300)}`] })
  assert.equal(answer.failure?.code, 'ENAMETOOLONG')
  assert.equal(answer.failure.subject, 1)
})
