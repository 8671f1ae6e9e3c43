import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { StorageError } from '../../src/core/errors.js'
import { HandleCache } from '../../src/storage/handle-cache.js'
import { OutputFile } from '../../src/storage/output-file.js'
import { OutputFolder } from '../../src/storage/output-folder.js'
import { WriteBack } from '../../src/storage/write-back.js'
import { scratchFolder } from './sample-torrent.js'

const BATCH_BYTES = 64 * 1024 * 1024

async function openedFile(t: TestContext, handles: HandleCache): Promise<OutputFile> {
  t.after(() => handles.close())
  const folder = new OutputFolder(await scratchFolder(t))
  await folder.prepare()
  const file = new OutputFile(folder, ['f'])
  const lease = await handles.lease([file])
  await lease.handles[0]!.write(Buffer.alloc(1_000))
  lease.release()
  return file
}

/** What it does shows when the disk refuses: the file is closed behind its back. */
async function closeUnawares(handles: HandleCache, file: OutputFile): Promise<void> {
  const lease = await handles.lease([file])
  await lease.handles[0]!.close()
  lease.release()
}

test('a batch of writes is begun with, and what the disk refuses is kept for whoever asks', async (t) => {
  const handles = new HandleCache()
  const file = await openedFile(t, handles)
  const writeBack = new WriteBack(handles)
  await closeUnawares(handles, file)
  writeBack.noteWritten(file, BATCH_BYTES - 1)
  await writeBack.settled()
  file.throwIfTroubled()
  writeBack.noteWritten(file, 1)
  await writeBack.settled()
  assert.throws(() => file.throwIfTroubled(), StorageError)
})

test('what was begun with counts no more, and the file is given back', async (t) => {
  const handles = new HandleCache()
  const file = await openedFile(t, handles)
  const writeBack = new WriteBack(handles)
  writeBack.noteWritten(file, BATCH_BYTES)
  await writeBack.settled()
  await closeUnawares(handles, file)
  writeBack.noteWritten(file, BATCH_BYTES - 1)
  await writeBack.settled()
  file.throwIfTroubled()
})

test('a client that closes its files meanwhile is no trouble', async (t) => {
  const handles = new HandleCache()
  const file = await openedFile(t, handles)
  const writeBack = new WriteBack(handles)
  await handles.close()
  writeBack.noteWritten(file, BATCH_BYTES)
  await writeBack.settled()
  file.throwIfTroubled()
})
