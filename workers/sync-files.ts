import { closeSync, constants, fdatasyncSync } from 'node:fs'
import type { SyncAnswer, SyncTask } from '../src/storage/piece-tasks.js'
import { diskFailure } from './answers.js'
import { openRegular } from './open-regular.js'

/** Has the disk keep what was written to files, whoever wrote it. What is not there has nothing to keep. */
export function syncFiles({ paths }: SyncTask): SyncAnswer {
  for (const [place, path] of paths.entries()) {
    let fd: number | undefined
    try {
      fd = openRegular(path, constants.O_RDWR)
      if (fd !== undefined) syncAndClose(fd)
    } catch (error) {
      return { failure: diskFailure(error, place), isLost: fd !== undefined }
    }
  }
  return { failure: undefined, isLost: false }
}

function syncAndClose(fd: number): void {
  try {
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
