import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StoppedError, VerifyError } from '../../src/core/errors.js'
import { MESSAGE_ID } from '../../src/wire/messages.js'
import { events, track } from '../kit/announcing.js'
import { gate } from '../kit/block-gate.js'
import { scratchFolder } from '../kit/fetching.js'
import { allBlocks, Leecher } from '../kit/leecher.js'
import { makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { eventually, notePhases, openClient, reached, startSeed } from '../kit/seeding.js'

const KIB = 1024
const TIMEOUT = { timeout: 20_000 }

test('a download that seeds goes through its phases and tells trackers of them', TIMEOUT, async (t) => {
  const { url, inbox } = await track(t, { interval: 1800 })
  const made = makeTorrent({ files: { a: 300_000 }, pieceLength: 32 * KIB, trackers: [[url]] })
  const seed = await ScriptedPeer.listen(t, made)
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, { output, peers: [seed.address], seed: true })
  const phases = notePhases(torrent)
  const result = await torrent.done
  assert.equal(result.downloadedBytes, made.content.length)
  await reached(torrent, 'seeding')
  const leecher = await Leecher.unchoked(t, made, client.port)
  await leecher.fetch(allBlocks(made))
  await eventually(() => inbox.all.length === 2)
  await torrent.stop()
  assert.deepEqual(phases, ['downloading', 'seeding', 'stopped'])
  assert.deepEqual(events(inbox), ['started', 'completed', 'stopped'])
  assert.equal(inbox.all.at(-1)!.get('uploaded'), String(made.content.length))
  assert.equal(inbox.all.at(-1)!.get('left'), '0')
  assert.equal(torrent.failure instanceof StoppedError, true)
})

/** Whatever is to be made durable waits until the function that is returned is called. */
async function holdUpDisk(t: TestContext): Promise<() => void> {
  const handle = await open(join(scratchFolder(t), 'any'), 'w')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const { datasync } = prototype
  let release!: () => void
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  t.mock.method(prototype, 'datasync', async function (this: FileHandle) {
    await released
    await datasync.call(this)
  })
  t.after(release)
  return release
}

test(
  'peers are told of the last pieces, taken in and served while a slow disk finishes',
  TIMEOUT,
  async (t) => {
    const release = await holdUpDisk(t)
    const made = makeSingle(300_000, 32 * KIB)
    const blocks = gate()
    const seed = await ScriptedPeer.listen(t, made, { script: blocks.script })
    const client = openClient(t)
    const output = scratchFolder(t)
    const options = { output, useTrackers: false, peers: [seed.address], seed: true }
    const torrent = await client.add(made.bytes, options)
    await eventually(() => seed.requests.length > 0)
    const early = await Leecher.join(t, made, client.port)
    blocks.open()
    for (let count = 0; count < made.metainfo.geometry.pieceCount; count++) await early.until(MESSAGE_ID.have)
    const late = await Leecher.unchoked(t, made, client.port)
    await late.fetch(allBlocks(made))
    assert.equal(torrent.progress().phase, 'downloading')
    assert.equal(torrent.progress().stall, 'waiting for the disk')
    release()
    await torrent.done
  },
)

test('data that is not there is not made by seeding', TIMEOUT, async (t) => {
  const made = makeTorrent({ folder: 'f', files: { a: 100, b: 0 }, pieceLength: 32 * KIB })
  const client = openClient(t)
  const folder = join(scratchFolder(t), 'absent')
  const torrent = await client.add(made.bytes, {
    output: folder,
    seed: true,
    download: false,
    useTrackers: false,
  })
  await assert.rejects(torrent.done, (error) => error instanceof VerifyError && error.code === 'INCOMPLETE')
  await torrent.ended
  assert.equal(existsSync(folder), false)
})

for (const [what, vanish] of Object.entries({
  deleted: (path: string) => rmSync(path),
  'cut short': (path: string) => truncateSync(path, 1_000),
})) {
  test(`a seed whose data is ${what} ends with an error, and others go on`, TIMEOUT, async (t) => {
    const client = openClient(t)
    const lost = makeTorrent({ folder: 'f', files: { a: 400_000, b: 400_000 }, pieceLength: 64 * KIB })
    const kept = makeTorrent({ files: { kept: 400_000 }, pieceLength: 64 * KIB })
    const { torrent, folder, port } = await startSeed(t, lost, { client })
    const other = await startSeed(t, kept, { client })
    const leecher = await Leecher.unchoked(t, lost, port)
    await leecher.fetch([{ index: 0, begin: 0, length: 16 * KIB }])
    vanish(join(folder, 'f', 'b'))
    leecher.request({ index: 10, begin: 0, length: 16 * KIB })
    await torrent.ended
    assert.equal(torrent.progress().phase, 'failed')
    assert.ok(torrent.failure instanceof VerifyError)
    assert.equal(torrent.failure.code, 'INCOMPLETE')
    const bystander = await Leecher.unchoked(t, kept, port)
    await bystander.fetch(allBlocks(kept))
    assert.equal(other.torrent.progress().phase, 'seeding')
  })
}

test('a seed ends when so much has been uploaded, in this run and those before', TIMEOUT, async (t) => {
  const made = makeSingle(400_000, 64 * KIB)
  const folder = scratchFolder(t)
  for (const nth of [1, 2]) {
    const client = openClient(t)
    const { torrent } = await startSeed(t, made, { client, folder, seed: { ratio: 2 } })
    const leecher = await Leecher.unchoked(t, made, client.port)
    await leecher.fetch(allBlocks(made))
    assert.equal(torrent.progress().uploadedBytesBefore, (nth - 1) * made.content.length)
    if (nth === 1) await torrent.stop()
    else await torrent.ended
    assert.equal(torrent.progress().phase, nth === 1 ? 'stopped' : 'complete')
  }
})

test('a seed ends when its time is over', TIMEOUT, async (t) => {
  const made = makeSingle(400_000, 64 * KIB)
  const startedMs = performance.now()
  const { torrent } = await startSeed(t, made, { seed: { timeMs: 600 } })
  await torrent.ended
  assert.equal(torrent.progress().phase, 'complete')
  assert.ok(performance.now() - startedMs >= 600)
  assert.equal(torrent.failure, undefined)
})

test(
  'a complete download leaves no trace of its state, unless it was stopped while it seeded',
  TIMEOUT,
  async (t) => {
    const made = makeSingle(400_000, 64 * KIB)
    const seed = await ScriptedPeer.listen(t, made)
    const client = openClient(t)
    const plain = scratchFolder(t)
    await (await client.add(made.bytes, { output: plain, useTrackers: false, peers: [seed.address] })).ended
    assert.deepEqual(readdirSync(plain), ['data.bin'])
    const seeding = scratchFolder(t)
    const torrent = await client.add(made.bytes, {
      output: seeding,
      useTrackers: false,
      peers: [seed.address],
      seed: true,
    })
    await reached(torrent, 'seeding')
    await torrent.stop()
    assert.equal(readdirSync(seeding).length, 2)
    const again = await client.add(made.bytes, { output: seeding, useTrackers: false, seed: { timeMs: 1 } })
    await again.ended
    assert.equal(again.progress().bytesToCheck, 0)
    assert.deepEqual(readdirSync(seeding), ['data.bin'])
  },
)

test(
  'removing a torrent forgets its state and keeps its files, also after it has ended',
  TIMEOUT,
  async (t) => {
    const made = makeSingle(400_000, 64 * KIB)
    for (const endsBefore of [false, true]) {
      const { torrent, folder } = await startSeed(t, made)
      if (endsBefore) {
        await torrent.stop()
        assert.equal(readdirSync(folder).length, 2)
      }
      await torrent.remove()
      assert.deepEqual(readdirSync(folder), ['data.bin'])
    }
  },
)
