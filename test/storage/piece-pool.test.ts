import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { OptionError, StorageError } from '../../src/core/errors.js'
import { PiecePool } from '../../src/storage/piece-pool.js'
import type { StoreTask } from '../../src/storage/piece-tasks.js'
import { scratchPool } from './sample-torrent.js'

/** A piece of zeros that is hashed and goes nowhere. */
function zerosTask(length: number): StoreTask {
  const hashes = createHash('sha1').update(new Uint8Array(length)).digest()
  return { buffer: new ArrayBuffer(length), hashes, pieces: [0, length, 0], spans: [] }
}

function dyingPool(t: TestContext): PiecePool {
  const pool = new PiecePool({ maxThreads: 1, worker: new URL('./dying-worker.js', import.meta.url) })
  t.after(() => pool.close())
  return pool
}

test('a buffer goes to a thread and comes back', async (t) => {
  const pool = scratchPool(t)
  const task = zerosTask(1024 * 1024)
  const running = pool.run('storePieces', task)
  await Promise.resolve()
  const answer = await running
  assert.equal(task.buffer.byteLength, 0, 'detached here')
  assert.equal(answer.buffer.byteLength, 1024 * 1024)
  assert.deepEqual(answer.corrupt, [])
})

test('many more tasks than there is room for are all done', async (t) => {
  const pool = scratchPool(t, 2)
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => pool.run('storePieces', zerosTask(100))),
  )
  assert.equal(answers.filter((answer) => answer.corrupt.length === 0).length, 200)
})

test('closing finishes what is in flight and refuses what comes later', async () => {
  const pool = new PiecePool({ maxThreads: 1 })
  const running = Array.from({ length: 10 }, () => pool.run('storePieces', zerosTask(500_000)))
  const closing = pool.close()
  await assert.rejects(pool.run('storePieces', zerosTask(1)), (error: unknown) => {
    assert.ok(error instanceof OptionError)
    assert.equal(error.code, 'CLOSED')
    return true
  })
  await closing
  assert.equal((await Promise.all(running)).length, 10)
  await pool.close()
})

test('a thread that dies fails its task, and the next task gets a new thread', async (t) => {
  const pool = dyingPool(t)
  await assert.rejects(pool.run('storePieces', zerosTask(10)), (error: unknown) => {
    assert.ok(error instanceof StorageError)
    assert.equal(error.code, 'IO_ERROR')
    return true
  })
  assert.deepEqual(await pool.run('zeroFill', { fd: 0, position: 0, length: 0 }), { failure: undefined })
})

test('an error that a task throws is a storage error', async (t) => {
  const pool = dyingPool(t)
  await assert.rejects(pool.run('writeSpans', { buffer: new ArrayBuffer(1), spans: [] }), StorageError)
})

test('a module that cannot be loaded fails the task', async (t) => {
  const pool = new PiecePool({ maxThreads: 1, worker: new URL('./no-such-worker.js', import.meta.url) })
  t.after(() => pool.close())
  await assert.rejects(pool.run('storePieces', zerosTask(10)), StorageError)
})

test('an idle pool does not keep the process alive, and neither does a closed one', async () => {
  const poolModule = new URL('../../src/storage/piece-pool.js', import.meta.url).href
  const script = (end: string) =>
    `import { PiecePool } from ${JSON.stringify(poolModule)}
     const pool = new PiecePool({ maxThreads: 2, minThreads: 2 })
     await pool.run('zeroFill', { fd: 0, position: 0, length: 0 })
     ${end}
     console.log('end')`
  for (const end of ['', 'await pool.close()']) {
    const args = ['--input-type=module', '--eval', script(end)]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    assert.equal(stdout, 'end\n')
  }
})
