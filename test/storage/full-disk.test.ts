import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { allPieces, buffered, sampleTorrent, scratchStorage } from './sample-torrent.js'

const skip =
  (process.platform !== 'linux' || process.getuid?.() !== 0) && 'needs root on Linux to mount a small disk'

/** A disk of one MiB, or undefined when even root may not mount one here. */
async function smallDisk(t: TestContext): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'swarmfetch-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    await rmdir(folder)
    t.skip('may not mount a file system here')
    return undefined
  }
  t.after(async () => {
    execFileSync('umount', ['--lazy', folder])
    await rmdir(folder)
  })
  return folder
}

function isDiskFull(error: unknown): boolean {
  assert.ok(error instanceof StorageError, String(error))
  assert.equal(error.code, 'DISK_FULL')
  assert.match(error.path, /\/f$/)
  return true
}

test('a disk that fills up rejects the write; what was stored before stays right', { skip }, async (t) => {
  const folder = await smallDisk(t)
  if (folder === undefined) return
  // Not a multiple of the page size, so that the write that fills the disk is cut short.
  const torrent = sampleTorrent([{ path: 'f', length: 1_500_000 }], 100_001)
  const storage = scratchStorage(t, torrent, folder)
  await storage.prepare()
  let storedCount = 0
  const store = async (): Promise<void> => {
    for (const index of allPieces(torrent)) {
      const { buffer, pieces } = buffered(torrent, [index])
      await storage.storePieces(buffer, pieces)
      storedCount++
    }
  }
  await assert.rejects(store(), isDiskFull)
  assert.equal(storedCount, 10)
  const found = await storage.verifyExisting()
  assert.deepEqual(
    allPieces(torrent).filter((index) => found.has(index)),
    allPieces(torrent).slice(0, storedCount),
  )
})

test('full allocation finds out before the download that the disk is too small', { skip }, async (t) => {
  const folder = await smallDisk(t)
  if (folder === undefined) return
  const torrent = sampleTorrent([{ path: 'f', length: 1_500_000 }], 100_000)
  const storage = scratchStorage(t, torrent, folder, { allocate: 'full' })
  await assert.rejects(storage.prepare(), isDiskFull)
})
