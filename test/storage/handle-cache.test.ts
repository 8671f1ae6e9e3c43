import assert from 'node:assert/strict'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { OptionError } from '../../src/core/errors.js'
import { HandleCache, type Openable } from '../../src/storage/handle-cache.js'
import { scratchFolder } from './sample-torrent.js'

/** A file that counts how often it was opened and how many like it are open. */
class CountedFile implements Openable {
  static open = 0
  static most = 0
  openings = 0
  closings = 0

  constructor(readonly path: string) {}

  async open(): Promise<FileHandle> {
    this.openings++
    const handle = await open(this.path, 'w+')
    CountedFile.most = Math.max(CountedFile.most, ++CountedFile.open)
    const close = handle.close.bind(handle)
    handle.close = () => {
      this.closings++
      CountedFile.open--
      return close()
    }
    return handle
  }

  noteTrouble(error: unknown): void {
    throw error
  }
}

const filesIn = (folder: string, count: number) =>
  Array.from({ length: count }, (_, nth) => new CountedFile(join(folder, `${nth}`)))

test('a file is opened once for any number of borrowers and closed only when idle', async (t) => {
  const [file] = filesIn(await scratchFolder(t), 1)
  const cache = new HandleCache(4)
  const leases = await Promise.all([cache.lease([file!]), cache.lease([file!])])
  assert.equal(file!.openings, 1)
  assert.equal(leases[0].handles[0], leases[1].handles[0])
  leases[0].release()
  await cache.discard(() => true)
  assert.equal(file!.closings, 0, 'the second borrower still has it')
  leases[1].release()
  await cache.discard(() => true)
  assert.equal(file!.closings, 1)
})

test('never are more files open than the limit, and those used last stay', async (t) => {
  const files = filesIn(await scratchFolder(t), 40)
  const cache = new HandleCache(8)
  CountedFile.most = 0
  for (let round = 0; round < 3; round++) {
    const use = async (file: CountedFile) => (await cache.lease([file])).release()
    await Promise.all(files.map(use))
  }
  assert.ok(CountedFile.most <= 8, `${CountedFile.most} were open`)
  for (const file of files.slice(0, 8)) (await cache.lease([file])).release()
  const openings = files[0]!.openings
  ;(await cache.lease([files[0]!])).release()
  ;(await cache.lease([files[20]!])).release()
  ;(await cache.lease([files[0]!])).release()
  assert.equal(files[0]!.openings, openings, 'the file used last was kept')
  await cache.close()
  assert.equal(CountedFile.open, 0)
})

test('borrowers of groups that do not fit side by side take turns', async (t) => {
  const files = filesIn(await scratchFolder(t), 12)
  const cache = new HandleCache(8)
  const order: number[] = []
  const borrow = async (nth: number) => {
    const start = (nth * 2) % 12
    const lease = await cache.lease(files.slice(start, start + 2))
    await nextTurn()
    order.push(nth)
    lease.release()
  }
  await Promise.all(Array.from({ length: 60 }, (_, nth) => borrow(nth)))
  assert.equal(order.length, 60)
  await cache.close()
})

test('a file that cannot be opened fails its borrowers and can be tried again', async (t) => {
  const folder = await scratchFolder(t)
  const good = new CountedFile(join(folder, 'good'))
  let attempts = 0
  const bad: Openable = {
    path: 'bad',
    open: () => (++attempts === 1 ? Promise.reject(new Error('no')) : open(join(folder, 'bad'), 'w')),
    noteTrouble: () => {},
  }
  const cache = new HandleCache(8)
  await assert.rejects(cache.lease([good, bad]), /no/)
  const lease = await cache.lease([bad, good])
  assert.equal(good.openings, 1)
  lease.release()
  await cache.close()
  assert.equal(good.closings, 1)
})

test('trouble with closing is told to the owner of the file', async (t) => {
  const folder = await scratchFolder(t)
  const troubles: unknown[] = []
  const file: Openable = {
    path: 'file',
    open: async () => {
      const handle = await open(join(folder, 'file'), 'w')
      const close = handle.close.bind(handle)
      handle.close = async () => {
        await close()
        throw new Error('the disk was full after all')
      }
      return handle
    },
    noteTrouble: (error) => troubles.push(error),
  }
  const cache = new HandleCache(8)
  ;(await cache.lease([file])).release()
  await cache.close()
  assert.match(String(troubles), /full after all/)
})

test('a closed cache lends nothing, and closes what comes back late', async (t) => {
  const [file] = filesIn(await scratchFolder(t), 1)
  const cache = new HandleCache(8)
  const lease = await cache.lease([file!])
  await cache.close()
  await assert.rejects(cache.lease([file!]), OptionError)
  assert.equal(file!.closings, 0)
  lease.release()
  await cache.close()
  assert.equal(file!.closings, 1)
})
