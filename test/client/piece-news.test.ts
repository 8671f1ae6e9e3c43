import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBitfield } from '../../src/wire/encode-messages.js'
import { bansOf, fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'

/** What a peer of 19 pieces says that it has, one after the other: aria2 saves `have` messages that way. */
const NEWS = [
  Buffer.of(0x80, 0, 0),
  Buffer.of(0x0f, 0, 0),
  Buffer.of(0x0f, 0xff, 0xe0),
  Buffer.of(0xff, 0, 0),
]

test('a bitfield in the middle adds to what a peer had said before', { timeout: 10_000 }, async (t) => {
  const torrent = makeSingle(19 * 16_384, 16_384)
  const untold = [...NEWS]
  const script: PeerScript = {
    greeted(link) {
      link.greet()
      link.send(encodeBitfield(untold.shift()!))
    },
    // The next news come with each block, until all pieces are known.
    requested(link, request) {
      link.sendBlock(request)
      const news = untold.shift()
      if (news !== undefined) link.send(encodeBitfield(news))
    },
  }
  const peer = await ScriptedPeer.listen(t, torrent, { script })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [peer], { output })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, peer), [])
  assert.equal(peer.links.length, 1)
})
