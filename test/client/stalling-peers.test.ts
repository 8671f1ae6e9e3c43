import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BlockRequest } from '../../src/wire/messages.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { blockHead, listenMany, type PeerLink, type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
/** Far below the time-out of a request, so that a test which had to wait for one fails. */
const TIMEOUT = { timeout: 8_000 }

/** What peers do that never get anything done. */
const STALLERS: Readonly<Record<string, PeerScript>> = {
  'accept and never shake hands': { greeted() {} },
  'shake hands and say no more': { greeted: (link) => link.greet() },
  'never unchoke': { interested() {} },
  'unchoke and never send': { requested() {} },
  'choke at the first request': { requested: (link) => link.choke() },
  'send a byte now and then': { requested: trickle },
  'vanish at once': { connected: (link) => link.vanish() },
  'vanish at the first request': { requested: (link) => link.vanish() },
  'never read': { connected: (link) => link.socket.pause() },
}

function trickle(link: PeerLink, request: BlockRequest): void {
  if (link.requests.length > 1) return
  const { torrent } = link.peer
  const start = request.index * torrent.metainfo.geometry.pieceLength + request.begin
  link.send(blockHead(request, request.length))
  let sent = 0
  const timer = setInterval(() => {
    if (link.socket.destroyed || sent === request.length) clearInterval(timer)
    else link.send(torrent.content.subarray(start + sent, start + ++sent))
  }, 200)
}

for (const [what, script] of Object.entries(STALLERS)) {
  test(`beside one good peer, 20 that ${what} hold nothing up`, TIMEOUT, async (t) => {
    const torrent = makeSingle(3_000_000, 64 * KIB)
    const bad = await listenMany(t, torrent, 20, script)
    const good = await ScriptedPeer.listen(t, torrent, { host: 251 })
    const output = scratchFolder(t)
    await fetchFrom(torrent, [...bad, good], { output })
    assertFiles(torrent, output)
    assert.ok(bad.every(({ links }) => links.length > 0))
  })
}

test('one good peer and a hundred that stall in every way', TIMEOUT, async (t) => {
  const torrent = makeSingle(3_000_000, 64 * KIB)
  const scripts = Object.values(STALLERS)
  const bad = await Promise.all(
    Array.from({ length: 100 }, (_, nth) =>
      ScriptedPeer.listen(t, torrent, { host: 2 + nth, script: scripts[nth % scripts.length]! }),
    ),
  )
  const good = await ScriptedPeer.listen(t, torrent, { host: 251 })
  const output = scratchFolder(t)
  await fetchFrom(torrent, [...bad, good], { output })
  assertFiles(torrent, output)
})

test(
  'a hundred that never shake hands do not keep us from dialling the one after them',
  TIMEOUT,
  async (t) => {
    const torrent = makeSingle(3_000_000, 64 * KIB)
    const bad = await listenMany(t, torrent, 100, { greeted() {} })
    const good = await ScriptedPeer.listen(t, torrent, { host: 251 })
    const output = scratchFolder(t)
    await fetchFrom(torrent, [...bad, good], { output })
    assertFiles(torrent, output)
  },
)

test('in little memory, peers that never send do not hold all of it', TIMEOUT, async (t) => {
  const torrent = makeSingle(8_000_000, 1024 * KIB)
  const bad = await listenMany(t, torrent, 8, { requested() {} })
  const good = await ScriptedPeer.listen(t, torrent, { host: 251 })
  const output = scratchFolder(t)
  await fetchFrom(torrent, [...bad, good], { output, memoryBytes: 4 * 1024 * KIB })
  assertFiles(torrent, output)
})

test('a peer that goes away after every few blocks is used for as long as it lasts', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_000_000, 64 * KIB)
  const fickle: PeerScript = {
    requested(link, request) {
      link.sendBlock(request)
      if (link.blocksSent === 7) link.socket.end()
    },
  }
  const peers = await listenMany(t, torrent, 12, fickle)
  const output = scratchFolder(t)
  const { result } = await fetchFrom(torrent, peers, { output })
  assertFiles(torrent, output)
  assert.ok(result.downloadedBytes >= torrent.content.length)
})

test('a connection cut in the middle of a block costs that block only', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_000_000, 256 * KIB)
  const cut: PeerScript = {
    requested(link, request) {
      if (link.requests.length < 3) return link.sendBlock(request)
      if (link.requests.length > 3) return
      link.send(blockHead(request, request.length), new Uint8Array(9_000))
      link.socket.end()
    },
  }
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: cut })
  const good = await ScriptedPeer.listen(t, torrent, { host: 3 })
  const output = scratchFolder(t)
  await fetchFrom(torrent, [bad, good], { output })
  assertFiles(torrent, output)
})
