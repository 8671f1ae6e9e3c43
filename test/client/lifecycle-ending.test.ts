import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TorrentOptions } from '../../src/client/options.js'
import type { TorrentPhase } from '../../src/client/progress.js'
import { gate } from '../kit/block-gate.js'
import { scratchFolder } from '../kit/fetching.js'
import { allBlocks, Leecher } from '../kit/leecher.js'
import { makeSingle } from '../kit/made-torrent.js'
import { type RunningChild, startChild } from '../kit/running-child.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { openClient, reached, writeContent } from '../kit/seeding.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

/** Has data to check, or to fetch, or to serve. */
async function begin(t: TestContext, phase: TorrentPhase): Promise<RunningChild> {
  const isSmall = phase !== 'checking'
  const made = makeSingle(isSmall ? 2 * MIB : 200 * MIB, 256 * KIB)
  const output = join(scratchFolder(t), 'out')
  mkdirSync(output)
  const { script } = gate()
  const seed = await ScriptedPeer.listen(t, made, { script })
  if (phase !== 'downloading') writeContent(made, output)
  const options: TorrentOptions & { output: string } = { output, seed: true, peers: [seed.address] }
  const child = startChild(t, made, options)
  await child.until((progress) => progress.phase === phase)
  if (phase === 'downloading') await child.until(({ connectedPeers }) => connectedPeers === 1)
  if (phase !== 'seeding') return child
  // One that is served, one that does not read, and one that has said nothing yet.
  const served = await Leecher.unchoked(t, made, child.port)
  await served.fetch(allBlocks(made))
  const mute = await Leecher.unchoked(t, made, child.port)
  mute.socket.pause()
  for (let times = 0; times < 10; times++) mute.request(...allBlocks(made))
  await Leecher.connect(t, made, child.port)
  return child
}

for (const phase of ['checking', 'downloading', 'seeding'] as const) {
  for (const order of ['stop', 'close'] as const) {
    test(
      `to ${order} in the phase ${phase} ends the process by itself, with nothing left open`,
      TIMEOUT,
      async (t) => {
        const child = await begin(t, phase)
        child.tell(order)
        assert.equal(await child.exit, 0)
        assert.deepEqual(child.leftOpen, [])
        assert.deepEqual(child.escaped, [])
        assert.equal(child.latest!.phase, 'stopped')
      },
    )
  }
}

test('torrents stop from every state that a pause or a recheck puts them in', TIMEOUT, async (t) => {
  const made = makeSingle(4 * MIB, 256 * KIB)
  const folder = scratchFolder(t)
  writeContent(made, folder)
  const plans: readonly (readonly ('pause' | 'resume' | 'recheck')[])[] = [
    [],
    ['pause'],
    ['recheck'],
    ['pause', 'resume'],
    ['pause', 'recheck'],
    ['recheck', 'pause', 'resume'],
    ['pause', 'recheck', 'resume', 'pause'],
  ]
  for (const plan of plans) {
    for (const waitsFor of ['checking', 'seeding'] as const) {
      const client = openClient(t)
      const torrent = await client.add(made.bytes, { output: folder, useTrackers: false, seed: true })
      await reached(torrent, waitsFor)
      for (const step of plan) torrent[step]()
      await torrent.stop()
      assert.equal(torrent.progress().phase, 'stopped')
      assert.equal(torrent.progress().connectedPeers, 0)
      await client.close()
    }
  }
})

test('a client can be closed while a torrent is being added, before and after', TIMEOUT, async (t) => {
  const made = makeSingle(100_000, 32 * KIB)
  for (const turns of [0, 1, 2, 5]) {
    const client = openClient(t)
    const adding = client.add(made.bytes, { output: scratchFolder(t), useTrackers: false })
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    const [added] = await Promise.allSettled([adding, client.close()])
    if (added.status === 'rejected') assert.equal((added.reason as { code?: string }).code, 'CLOSED')
    else await added.value.ended
    await client.close()
  }
})

test('what is in the way of the saved state is told once, and the torrent goes on', TIMEOUT, async (t) => {
  const made = makeSingle(1 * MIB, 64 * KIB)
  const folder = scratchFolder(t)
  mkdirSync(join(folder, `.${made.metainfo.infoHash.hex}.resume`, 'full'), { recursive: true })
  writeContent(made, folder)
  const client = openClient(t)
  const torrent = await client.add(made.bytes, { output: folder, useTrackers: false, seed: true })
  const notices: string[] = []
  torrent.onNotice((notice) => notices.push(notice.type))
  await torrent.done
  torrent.pause()
  torrent.resume()
  await reached(torrent, 'seeding')
  torrent.pause()
  await torrent.stop()
  assert.equal(notices.filter((type) => type === 'resumeNotSaved').length, 1)
})
