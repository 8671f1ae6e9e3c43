import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TorrentNotice } from '../../src/client/progress.js'
import { StateSaver } from '../../src/client/state-saver.js'
import { Bitfield } from '../../src/core/bitfield.js'
import { StorageError } from '../../src/core/errors.js'
import type { ResumeState } from '../../src/storage/piece-store.js'
import { RESUME_SAVE_MS } from '../../src/storage/resume-save-ms.js'

interface Saving {
  readonly saver: StateSaver
  readonly have: Bitfield
  readonly download: { uploadedBytes: number; readonly scheduler: { readonly receivedBytes: number } }
  readonly notices: readonly TorrentNotice[]
  /** Of each save. */
  readonly saved: readonly { readonly pieces: number; readonly uploadedBytes: number }[]
  readonly disk: { isFull: boolean }
}

function startSaving(): Saving {
  const have = new Bitfield(10)
  const notices: TorrentNotice[] = []
  const saved: { pieces: number; uploadedBytes: number }[] = []
  const disk = { isFull: false }
  const store = {
    async saveResume({ uploadedBytes }: ResumeState) {
      if (disk.isFull) throw new StorageError('DISK_FULL', 'no room', '/f')
      saved.push({ pieces: have.count, uploadedBytes })
    },
    async removeResume() {},
  }
  const download = { uploadedBytes: 0, scheduler: { receivedBytes: 0 } }
  const check = { isDone: true, uploadedBefore: 0, downloadedBefore: 0 }
  const notify = (notice: TorrentNotice) => void notices.push(notice)
  const saver = new StateSaver({ store, pieces: { have }, download, check, notify }, 0)
  return { saver, have, download, notices, saved, disk }
}

test('a disk that is full for a while is told of once, and has the state when there is room again', async () => {
  const { saver, have, notices, saved, disk } = startSaving()
  const saveAfterPiece = async (index: number) => {
    have.set(index)
    saver.tick((index + 1) * RESUME_SAVE_MS)
    await nextTurn()
  }
  disk.isFull = true
  await saveAfterPiece(0)
  await saveAfterPiece(1)
  assert.deepEqual(notices, [{ type: 'resumeNotSaved', code: 'DISK_FULL', message: 'no room' }])
  disk.isFull = false
  await saveAfterPiece(2)
  disk.isFull = true
  await saveAfterPiece(3)
  assert.equal(notices.length, 2)
  disk.isFull = false
  await saver.saveClean()
  assert.deepEqual(
    saved.map(({ pieces }) => pieces),
    [3, 4],
  )
})

test('what was uploaded is saved once a minute, or with pieces that came in', () => {
  const { saver, have, download, saved } = startSaving()
  for (let seconds = 0; seconds <= 120; seconds++) {
    download.uploadedBytes = seconds
    if (seconds === 92) have.set(1)
    saver.tick(seconds * 1000)
  }
  assert.deepEqual(saved, [
    { pieces: 0, uploadedBytes: 60 },
    { pieces: 1, uploadedBytes: 95 },
  ])
})
