import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { buffer as readAll } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { OptionError, StorageError } from '../../src/core/errors.js'
import type { PieceIndex } from '../../src/core/geometry.js'
import { StreamStorage } from '../../src/storage/stream-storage.js'
import {
  allPieces,
  buffered,
  fileOf,
  type SampleTorrent,
  sampleTorrent,
  scratchPool,
} from './sample-torrent.js'

const FILES = [
  { path: 'a', length: 50 },
  { path: 'b', length: 100 },
  { path: 'c', length: 50 },
]

function scratchStream(
  t: TestContext,
  torrent: SampleTorrent,
  output: Writable,
  fileIndex = 1,
): StreamStorage {
  const storage = new StreamStorage({ metainfo: torrent.metainfo, fileIndex, output, pool: scratchPool(t) })
  t.after(() => storage.close())
  return storage
}

function store(storage: StreamStorage, torrent: SampleTorrent, indices: readonly number[]) {
  const { buffer, pieces } = buffered(torrent, indices)
  return storage.storePieces(buffer, pieces)
}

/** Keeps what it is given, and is never quick: each write is taken when the test says so. */
class SlowReader extends Writable {
  readonly chunks: Buffer[] = []
  #take: (() => void) | undefined

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#take = () => {
      this.chunks.push(Buffer.from(chunk))
      done()
    }
  }

  async take(): Promise<void> {
    while (this.#take === undefined) await nextTurn()
    const take = this.#take
    this.#take = undefined
    take()
  }
}

test('one file comes out whole and in order, whatever the order of its pieces', async (t) => {
  const torrent = sampleTorrent(FILES, 16)
  const output = new PassThrough()
  const storage = scratchStream(t, torrent, output)
  await storage.prepare()
  assert.equal((await storage.verifyExisting()).count, 0)
  const answers = await Promise.all(
    [...allPieces(torrent)].reverse().map((index) => store(storage, torrent, [index])),
  )
  assert.ok(answers.every(({ verdicts }) => verdicts[0] === 'stored'))
  await storage.finish()
  output.end()
  assert.deepEqual(new Uint8Array(await readAll(output)), fileOf(torrent, 1))
})

test('a piece out of turn keeps its buffer until the earlier ones are out', async (t) => {
  const torrent = sampleTorrent([{ path: 'a', length: 48 }], 16)
  const output = new SlowReader()
  const storage = scratchStream(t, torrent, output, 0)
  const log: string[] = []
  const late = store(storage, torrent, [1, 2]).then(() => log.push('late'))
  await nextTurn()
  const early = store(storage, torrent, [0]).then(() => log.push('early'))
  await output.take()
  await early
  assert.deepEqual(log, ['early'])
  await output.take()
  await output.take()
  await late
  assert.deepEqual(new Uint8Array(Buffer.concat(output.chunks)), torrent.content)
})

test('a corrupt piece frees its buffer at once, and the right ones beside it still go out', async (t) => {
  const torrent = sampleTorrent([{ path: 'a', length: 64 }], 16)
  const output = new PassThrough()
  const storage = scratchStream(t, torrent, output, 0)
  const { buffer, pieces } = buffered(torrent, [0, 1, 2, 3])
  new Uint8Array(buffer)[0]! ^= 1
  const answer = await storage.storePieces(buffer, pieces)
  assert.deepEqual(answer.verdicts, ['corrupt', 'stored', 'stored', 'stored'])
  new Uint8Array(answer.buffer).fill(0)
  await store(storage, torrent, [0])
  output.end()
  assert.deepEqual(new Uint8Array(await readAll(output)), torrent.content)
})

test('pieces that hold nothing of the file are only verified', async (t) => {
  const torrent = sampleTorrent(FILES, 10)
  const output = new PassThrough()
  const storage = scratchStream(t, torrent, output)
  const answer = await store(storage, torrent, [0, 1, 18])
  assert.deepEqual(answer.verdicts, ['stored', 'stored', 'stored'])
  assert.equal(output.readableLength, 0)
})

test('a reader that goes away fails what waits, and what comes later', async (t) => {
  const torrent = sampleTorrent([{ path: 'a', length: 64 }], 16)
  const output = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('broken'), { code: 'EPIPE' })),
  })
  const storage = scratchStream(t, torrent, output, 0)
  const waiting = store(storage, torrent, [2])
  const failed = store(storage, torrent, [0])
  const wentAway = (error: unknown): boolean => {
    assert.ok(error instanceof StorageError)
    assert.equal(error.code, 'IO_ERROR')
    assert.equal(error.message, 'the reader of the output went away')
    return true
  }
  await Promise.all([assert.rejects(waiting, wentAway), assert.rejects(failed, wentAway)])
  await assert.rejects(store(storage, torrent, [1]), wentAway)
  await assert.rejects(storage.finish(), wentAway)
})

test('a stream that is destroyed fails what waits', async (t) => {
  const torrent = sampleTorrent([{ path: 'a', length: 64 }], 16)
  const output = new SlowReader()
  const storage = scratchStream(t, torrent, output, 0)
  const waiting = store(storage, torrent, [0])
  await nextTurn()
  output.destroy()
  await assert.rejects(waiting, StorageError)
  await assert.rejects(storage.prepare(), StorageError)
})

test('closing gives up what still waits, even when the reader is stuck', async (t) => {
  const torrent = sampleTorrent([{ path: 'a', length: 64 }], 16)
  const storage = scratchStream(t, torrent, new SlowReader(), 0)
  const waiting = Promise.allSettled([store(storage, torrent, [0]), store(storage, torrent, [1])])
  await storage.close()
  for (const result of await waiting) {
    assert.equal(result.status, 'rejected')
    assert.ok(result.reason instanceof OptionError)
  }
})

test('a reader that fails when it has been given up ends nothing', async (t) => {
  const torrent = sampleTorrent([{ path: 'a', length: 64 }], 16)
  for (const error of [new Error('broken'), undefined]) {
    const writing: { end?: (error?: Error) => void } = {}
    const output = new Writable({
      write(_chunk, _encoding, done) {
        writing.end = done
      },
    })
    const storage = scratchStream(t, torrent, output, 0)
    const given = assert.rejects(store(storage, torrent, [0]), OptionError)
    while (writing.end === undefined) await nextTurn()
    await storage.close()
    await given
    writing.end(error)
    await nextTurn()
    assert.equal(output.errored, error ?? null)
    assert.equal(output.listenerCount('error'), error === undefined ? 0 : 1)
  }
})

test('pieces that cannot be held whole are refused', async (t) => {
  const storage = scratchStream(t, sampleTorrent(FILES, 16), new PassThrough())
  await assert.rejects(storage.writePart(), OptionError)
  await assert.rejects(storage.verifyPiece(), OptionError)
})

test('a closed storage leaves no listener on the stream', async (t) => {
  const output = new PassThrough()
  const before = output.eventNames()
  const storage = scratchStream(t, sampleTorrent(FILES, 16), output)
  await storage.close()
  assert.deepEqual(output.eventNames(), before)
  assert.equal(output.listenerCount('close'), 0)
  assert.equal(output.listenerCount('error'), 0)
})

test('the pieces of a first file that starts inside a piece are cut to it', async (t) => {
  const torrent = sampleTorrent(FILES, 1_000)
  const output = new PassThrough()
  const storage = scratchStream(t, torrent, output)
  await store(storage, torrent, [0 as PieceIndex])
  output.end()
  assert.deepEqual(new Uint8Array(await readAll(output)), fileOf(torrent, 1))
})

test('what went down a stream is neither remembered nor read again', async (t) => {
  const torrent = sampleTorrent([{ path: 'a', length: 64 }], 16)
  const storage = scratchStream(t, torrent, new PassThrough(), 0)
  await store(storage, torrent, [0])
  await storage.saveResume()
  assert.equal(await storage.loadResume(), undefined)
  await storage.removeResume()
  assert.equal(storage.canRead(), false)
  assert.deepEqual(await storage.readBlocks(), { images: [], outcome: 'missing' })
})
