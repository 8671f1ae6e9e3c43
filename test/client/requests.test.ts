import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeExtensionHandshake } from '../../src/wire/extension-handshake.js'
import type { BlockRequest } from '../../src/wire/messages.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { listenMany, type PeerLink, type PeerScript, ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
/** Below the time-out of a request. */
const TIMEOUT = { timeout: 15_000 }

function blockName({ index, begin }: BlockRequest): string {
  return `${index}:${begin}`
}

test(
  'a request that is swallowed for ever is made good by another peer, and cancelled',
  TIMEOUT,
  async (t) => {
    const torrent = makeSingle(2_000_000, 64 * KIB)
    let swallowed: BlockRequest | undefined
    const forgetful: PeerScript = {
      requested(link, request) {
        swallowed ??= request
        if (request !== swallowed) link.sendBlock(request)
      },
    }
    const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: forgetful })
    const good = await ScriptedPeer.listen(t, torrent, { host: 3 })
    const output = scratchFolder(t)
    await fetchFrom(torrent, [bad, good], { output })
    assertFiles(torrent, output)
    assert.ok(good.requests.some((request) => blockName(request) === blockName(swallowed!)))
    assert.ok(bad.cancels.some((request) => blockName(request) === blockName(swallowed!)))
  },
)

test('no block is asked of two peers before every block has been asked for', TIMEOUT, async (t) => {
  const torrent = makeSingle(10_000_000, 64 * KIB)
  const blockCount = Math.ceil(torrent.content.length / (16 * KIB))
  /** The requests of each turn of the event loop. What is sent in one turn arrives by the end of the next. */
  const turns: string[][] = [[]]
  const nextTurn = (): void => {
    if (turns.at(-1)!.length > 0) turns.push([])
    if (isRunning) setImmediate(nextTurn)
  }
  let isRunning = true
  setImmediate(nextTurn)
  const logging: PeerScript = {
    requested(link, request) {
      turns.at(-1)!.push(blockName(request))
      link.sendBlock(request)
    },
  }
  const peers = await listenMany(t, torrent, 6, logging)
  await fetchFrom(torrent, peers, { output: scratchFolder(t) }).finally(() => {
    isRunning = false
  })
  const asked = new Set<string>()
  for (const [turn, names] of turns.entries()) {
    const known = new Set([...asked, ...names, ...(turns[turn + 1] ?? [])])
    const isEndgame = known.size === blockCount
    const isTwice = names.some((name, at) => asked.has(name) || names.indexOf(name) !== at)
    assert.ok(!isTwice || isEndgame, `a block was asked for twice after ${known.size} of ${blockCount}`)
    for (const name of names) asked.add(name)
  }
  assert.equal(asked.size, blockCount)
})

/** The most requests that a peer had to queue. It answers half of what it has whenever the loop comes round. */
class Queue {
  most = 0
  readonly #waiting: BlockRequest[] = []
  readonly script: PeerScript

  constructor(reqq?: number) {
    this.script = {
      greeted(link) {
        link.greet()
        if (reqq !== undefined) link.send(encodeExtensionHandshake({ program: 'scripted', reqq }))
        link.offer()
      },
      requested: (link, request) => {
        if (this.#waiting.length === 0) setImmediate(() => this.#answer(link))
        this.#waiting.push(request)
        this.most = Math.max(this.most, this.#waiting.length)
      },
    }
  }

  #answer(link: PeerLink): void {
    for (const request of this.#waiting.splice(0, Math.ceil(this.#waiting.length / 2)))
      link.sendBlock(request)
    if (this.#waiting.length > 0) setImmediate(() => this.#answer(link))
  }
}

for (const { reqq, most } of [
  { reqq: 1, most: 1 },
  { reqq: 2, most: 1 },
  { reqq: 20, most: 19 },
  { reqq: undefined, most: 250 },
  { reqq: 1_000_000, most: 2_000 },
]) {
  test(
    `a peer that ${reqq === undefined ? 'names no reqq' : `names a reqq of ${reqq}`} has at most ${most} requests to queue`,
    TIMEOUT,
    async (t) => {
      const torrent = makeSingle(30_000_000, 256 * KIB)
      const queue = new Queue(reqq)
      const peer = await ScriptedPeer.listen(t, torrent, { script: queue.script })
      const output = scratchFolder(t)
      await fetchFrom(torrent, [peer], { output })
      assertFiles(torrent, output)
      assert.ok(queue.most <= most, `${queue.most} were queued`)
      assert.ok(queue.most >= Math.min(most, 8))
    },
  )
}

test('a request is never longer than a block, and reaches past no piece and no file', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_234_567, 17_000)
  const peer = await ScriptedPeer.listen(t, torrent)
  await fetchFrom(torrent, [peer], { output: scratchFolder(t) })
  const { geometry } = torrent.metainfo
  for (const { index, begin, length } of peer.requests) {
    const piece = geometry.toPieceIndex(index)!
    assert.equal(begin % (16 * KIB), 0)
    assert.equal(length, geometry.blockBytes(piece, begin))
  }
})

test('nothing is asked of a peer that lacks it', TIMEOUT, async (t) => {
  const torrent = makeSingle(1_000_000, 64 * KIB)
  const { pieceCount } = torrent.metainfo.geometry
  const having = (rest: number): PeerScript => ({
    greeted(link) {
      link.greet()
      link.offer(
        Array.from({ length: pieceCount }, (_, index) => index).filter((index) => index % 2 === rest),
      )
    },
  })
  const peers = await Promise.all(
    [0, 1].map((rest) => ScriptedPeer.listen(t, torrent, { host: 2 + rest, script: having(rest) })),
  )
  const output = scratchFolder(t)
  await fetchFrom(torrent, peers, { output })
  assertFiles(torrent, output)
  for (const [rest, peer] of peers.entries()) {
    assert.ok(peer.requests.every(({ index }) => index % 2 === rest))
  }
})

test('sequential means in the order of the pieces', TIMEOUT, async (t) => {
  const torrent = makeSingle(3_000_000, 64 * KIB)
  const peer = await ScriptedPeer.listen(t, torrent)
  await fetchFrom(torrent, [peer], { output: scratchFolder(t), sequential: true })
  const indices = peer.requests.map(({ index }) => index)
  assert.deepEqual(
    indices,
    indices.toSorted((a, b) => a - b),
  )
})

test('a rate limit bounds what is requested at any time', TIMEOUT, async (t) => {
  const perSecond = 400_000
  const torrent = makeSingle(500_000, 64 * KIB)
  const startedMs = performance.now()
  let askedBytes = 0
  let excess: string | undefined
  const counting: PeerScript = {
    requested(link, request) {
      askedBytes += request.length
      const allowed = perSecond / 4 + ((performance.now() - startedMs) / 1000) * perSecond
      if (askedBytes > allowed) excess ??= `${askedBytes} bytes where ${allowed} were allowed`
      link.sendBlock(request)
    },
  }
  const peers = await listenMany(t, torrent, 3, counting)
  const output = scratchFolder(t)
  await fetchFrom(torrent, peers, { output, maxDownloadBytesPerSecond: perSecond })
  assertFiles(torrent, output)
  assert.equal(excess, undefined)
})
