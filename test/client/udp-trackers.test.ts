import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'
import { servePeers, UdpTracker } from '../kit/udp-tracker.js'

const TIMEOUT = { timeout: 15_000 }

function torrentOf(tracker: UdpTracker) {
  return makeTorrent({ files: { 'data.bin': 500_000 }, pieceLength: 65_536, trackers: [[tracker.url]] })
}

test('peers come from a UDP tracker, which hears started, completed and stopped', TIMEOUT, async (t) => {
  const peers: Buffer[] = []
  const tracker = await UdpTracker.listen(t, (query) => servePeers(Buffer.concat(peers))(query))
  const torrent = torrentOf(tracker)
  const { host, port } = (await ScriptedPeer.listen(t, torrent)).address
  peers.push(Buffer.from([...host.split('.').map(Number), port >> 8, port & 0xff]))
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, useTrackers: true })
  assertFiles(torrent, output)
  const announces = tracker.queries.all.filter((query) => query.action === 1)
  assert.deepEqual(
    announces.map(({ packet }) => packet.readUInt32BE(80)),
    [2, 1, 3],
  )
})

test('while a UDP tracker keeps silent, that is what is told', TIMEOUT, async (t) => {
  const tracker = await UdpTracker.listen(t, () => {})
  const { host } = new URL(tracker.url)
  const options = { output: scratchFolder(t), useTrackers: true, giveUpAfterMs: 300 }
  await assert.rejects(fetchFrom(torrentOf(tracker), [], options), (error: Error) =>
    error.message.includes(`${host}: no answer yet`),
  )
})
