import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeHaves, UNCHOKE } from '../../src/wire/encode-messages.js'
import { encodeExtensionHandshake } from '../../src/wire/extension-handshake.js'
import { encodeHandshake } from '../../src/wire/handshake.js'
import { seededDice } from '../kit/dice.js'
import { fetchInChild } from '../kit/fetch-in-child.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, blockOf, type MadeTorrent, makeSingle } from '../kit/made-torrent.js'
import { mutate } from '../kit/mutate.js'
import {
  blockHead,
  fullBitfield,
  type PeerLink,
  type PeerScript,
  ScriptedPeer,
} from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 30_000 }
const PEERS_AT_ONCE = 60

/** A good seed whose words are damaged on the way, now and then as early as in the handshake. */
function garbler(seed: number): PeerScript {
  const random = seededDice(seed)
  return {
    greeted(link) {
      const { peer } = link
      const handshake = encodeHandshake(peer.torrent.metainfo.infoHash.bytes, peer.peerId)
      const extensions = encodeExtensionHandshake({ program: 'garbled', reqq: 100 })
      const words = Buffer.concat([fullBitfield(peer.torrent), extensions, encodeHaves([1, 2]), UNCHOKE])
      if (random() < 0.1) link.send(mutate(Buffer.concat([handshake, words]), random))
      else link.send(handshake, random() < 0.5 ? words : mutate(words, random))
    },
    requested(link, request) {
      const block = blockOf(link.peer.torrent, request)
      const frame = Buffer.concat([blockHead(request, block.length), block])
      link.send(random() < 0.7 ? frame : mutate(frame, random))
    },
  }
}

/** Resolves when each of them has been dialled. */
function whenMet(peers: readonly ScriptedPeer[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (peers.every(({ links }) => links.length > 0)) resolve(clearInterval(timer))
    }, 20)
  })
}

for (const firstSeed of [1, 1_001, 2_001]) {
  test(
    `${PEERS_AT_ONCE} garbled streams (seeds from ${firstSeed}) harm neither process nor data`,
    TIMEOUT,
    async (t) => {
      const torrent: MadeTorrent = makeSingle(6_000_000, 64 * KIB)
      const bad = await Promise.all(
        Array.from({ length: PEERS_AT_ONCE }, (_, nth) =>
          ScriptedPeer.listen(t, torrent, { host: 2 + nth, script: garbler(firstSeed + nth) }),
        ),
      )
      const met = whenMet(bad)
      const patient: PeerScript = {
        requested: (link: PeerLink, request) => void met.then(() => link.sendBlock(request)),
      }
      const good = await ScriptedPeer.listen(t, torrent, { host: 251, script: patient })
      const output = join(scratchFolder(t), 'out')
      const peers = [good, ...bad].map(({ address }) => address)
      const outcome = await fetchInChild(t, torrent, { output, peers })
      assert.deepEqual(outcome, { outcome: 'resolved', escaped: [], leftOpen: [], exitCode: 0 })
      assertFiles(torrent, output)
    },
  )
}
