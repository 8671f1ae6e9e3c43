import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TorrentNotice } from '../../src/client/progress.js'
import { StorageError, type StorageFault } from '../../src/core/errors.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { makeSingle } from '../kit/made-torrent.js'
import { listenMany } from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 15_000 }
const isRoot = process.getuid?.() === 0
const needsRoot = (process.platform !== 'linux' || !isRoot) && 'needs root on Linux to mount a small disk'

/** A small disk of its own, or undefined where even root may not mount one. */
function mountDisk(t: TestContext, options: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmdirSync(folder)
    t.skip('may not mount a file system here')
    return undefined
  }
  t.after(() => {
    execFileSync('umount', ['--lazy', folder])
    rmdirSync(folder)
  })
  return folder
}

/** The fetch fails with a fault of our own disk, for which no peer is blamed. */
async function assertFault(t: TestContext, output: string, fault: StorageFault, options = {}): Promise<void> {
  const torrent = makeSingle(4_000_000, 64 * KIB)
  const peers = await listenMany(t, torrent, 3)
  const notices: TorrentNotice[] = []
  const fetching = fetchFrom(torrent, peers, {
    output,
    onNotice: (notice) => void notices.push(notice),
    ...options,
  })
  await assert.rejects(fetching, (error) => {
    assert.ok(error instanceof StorageError, String(error))
    assert.equal(error.code, fault)
    return true
  })
  assert.deepEqual(
    notices.filter(({ type }) => type === 'peerBanned' || type === 'pieceCorrupt'),
    [],
  )
}

test('a disk that fills up is said to be full', { ...TIMEOUT, skip: needsRoot }, async (t) => {
  const disk = mountDisk(t, 'size=2m')
  if (disk !== undefined) await assertFault(t, disk, 'DISK_FULL')
})

test('with full allocation a disk that is too small shows before anything is fetched', {
  ...TIMEOUT,
  skip: needsRoot,
}, async (t) => {
  const disk = mountDisk(t, 'size=2m')
  if (disk === undefined) return
  let downloadedBytes = 0
  const onProgress = (progress: { downloadedBytes: number }) => {
    downloadedBytes = progress.downloadedBytes
  }
  await assertFault(t, disk, 'DISK_FULL', { allocate: 'full', onProgress })
  assert.equal(downloadedBytes, 0)
})

test('a read-only file system is named', { ...TIMEOUT, skip: needsRoot }, async (t) => {
  const disk = mountDisk(t, 'ro,size=2m')
  if (disk !== undefined) await assertFault(t, disk, 'READ_ONLY')
})

test('a folder that may not be written to is named', {
  ...TIMEOUT,
  skip: isRoot && 'root may write everywhere',
}, async (t) => {
  const folder = scratchFolder(t)
  chmodSync(folder, 0o500)
  await assertFault(t, folder, 'PERMISSION_DENIED')
})

test('an output that is a file, or lies below one, is refused', TIMEOUT, async (t) => {
  const file = join(scratchFolder(t), 'file')
  writeFileSync(file, 'here first')
  await assertFault(t, file, 'NOT_A_FILE')
  await assertFault(t, join(file, 'below'), 'NOT_A_FILE')
})

test('a folder or a symlink in the place of the file is refused', TIMEOUT, async (t) => {
  const folder = scratchFolder(t)
  mkdirSync(join(folder, 'data.bin'))
  await assertFault(t, folder, 'NOT_A_FILE')
  const other = scratchFolder(t)
  symlinkSync('/etc/hostname', join(other, 'data.bin'))
  await assertFault(t, other, 'UNSAFE_PATH')
})
