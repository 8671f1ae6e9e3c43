import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TorrentNotice } from '../../src/client/progress.js'
import { StateSaver } from '../../src/client/state-saver.js'
import { Bitfield } from '../../src/core/bitfield.js'
import { StorageError } from '../../src/core/errors.js'
import { RESUME_SAVE_MS } from '../../src/storage/resume-save-ms.js'

test('a disk that is full for a while is told of once, and has the state when there is room again', async () => {
  const have = new Bitfield(10)
  const notices: TorrentNotice[] = []
  const saved: number[] = []
  let isFull = true
  const store = {
    async saveResume() {
      if (isFull) throw new StorageError('DISK_FULL', 'no room', '/f')
      saved.push(have.count)
    },
    async removeResume() {},
  }
  const download = { uploadedBytes: 0, scheduler: { receivedBytes: 0 } }
  const check = { isDone: true, uploadedBefore: 0, downloadedBefore: 0 }
  const notify = (notice: TorrentNotice) => void notices.push(notice)
  const saver = new StateSaver({ store, pieces: { have }, download, check, notify }, 0)
  const saveAfterPiece = async (index: number) => {
    have.set(index)
    saver.tick((index + 1) * RESUME_SAVE_MS)
    await nextTurn()
  }
  await saveAfterPiece(0)
  await saveAfterPiece(1)
  assert.deepEqual(notices, [{ type: 'resumeNotSaved', code: 'DISK_FULL', message: 'no room' }])
  isFull = false
  await saveAfterPiece(2)
  isFull = true
  await saveAfterPiece(3)
  assert.equal(notices.length, 2)
  isFull = false
  await saver.saveClean()
  assert.deepEqual(saved, [3, 4])
})
