import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fetchInChild } from '../kit/fetch-in-child.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 15_000 }
const CLEAN = { escaped: [], leftOpen: [], exitCode: 0 }

/** Sends what is asked but for the last piece, so that the download never ends by itself. */
const endless: PeerScript = {
  requested(link, request) {
    if (request.index < link.peer.torrent.metainfo.geometry.pieceCount - 1) link.sendBlock(request)
  },
}

test('a download that completes leaves nothing open', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_000_000, 64 * KIB)
  const peer = await ScriptedPeer.listen(t, torrent)
  const output = join(scratchFolder(t), 'out')
  const outcome = await fetchInChild(t, torrent, { output, peers: [peer.address] })
  assert.deepEqual(outcome, { outcome: 'resolved', ...CLEAN })
  assertFiles(torrent, output)
})

for (const abortAt of ['before', 'called', 'notice:downloading', 'progress'] as const) {
  test(
    `aborting at the moment "${abortAt}" rejects with STOPPED and leaves nothing open`,
    TIMEOUT,
    async (t) => {
      const torrent = makeSingle(1_000_000, 64 * KIB)
      const peer = await ScriptedPeer.listen(t, torrent, { script: endless })
      const output = join(scratchFolder(t), 'out')
      const outcome = await fetchInChild(t, torrent, { output, peers: [peer.address], abortAt })
      assert.deepEqual(outcome, { outcome: 'STOPPED', ...CLEAN })
    },
  )
}

test('aborting while existing data is checked leaves nothing open', TIMEOUT, async (t) => {
  const torrent = makeSingle(40_000_000, 64 * KIB)
  const peer = await ScriptedPeer.listen(t, torrent)
  const output = join(scratchFolder(t), 'out')
  await fetchFrom(torrent, [peer], { output })
  const outcome = await fetchInChild(t, torrent, { output, peers: [], abortAt: 'called' })
  assert.deepEqual(outcome, { outcome: 'STOPPED', ...CLEAN })
  assertFiles(torrent, output)
})

for (const throwAt of ['progress', 'notice:downloading', 'notice:peerBanned', 'notice:complete'] as const) {
  test(
    `what a listener throws at "${throwAt}" rejects the call and goes nowhere else`,
    TIMEOUT,
    async (t) => {
      const torrent = makeSingle(1_000_000, 64 * KIB)
      const good = await ScriptedPeer.listen(t, torrent, {
        host: 2,
        script: throwAt === 'notice:complete' ? {} : endless,
      })
      const boastful: PeerScript = {
        greeted(link) {
          link.greet()
          link.send(Buffer.alloc(4, 0xff))
        },
      }
      const bad = await ScriptedPeer.listen(t, torrent, { host: 3, script: boastful })
      const peers = throwAt === 'notice:peerBanned' ? [bad, good] : [good]
      const output = join(scratchFolder(t), 'out')
      const outcome = await fetchInChild(t, torrent, {
        output,
        peers: peers.map(({ address }) => address),
        throwAt,
      })
      assert.deepEqual(outcome, { outcome: 'thrown by the listener', ...CLEAN })
    },
  )
}
