import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { RequestPump } from '../../src/client/request-pump.js'
import { listWebSeeds } from '../../src/client/web-seed-list.js'
import { WebSeeds } from '../../src/client/web-seeds.js'
import { WebConnections } from '../../src/webseed/web-connections.js'
import { HandClock } from '../kit/hand-clock.js'
import { serveSilence } from '../kit/local-server.js'
import { type MadeTorrent, makeSingle } from '../kit/made-torrent.js'
import { eventually } from '../kit/seeding.js'
import { type SwarmParts, swarmParts } from '../kit/swarm-parts.js'
import { contentRange, type WebRequest, WebServer } from '../kit/web-server.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

/** The web seeds of a torrent that nobody writes to a disk, in front of a clock that is moved by hand. */
class Bench {
  readonly clock = new HandClock()
  readonly failures: string[] = []
  readonly parts: SwarmParts
  readonly webSeeds: WebSeeds
  #lastNumber = 0

  constructor(t: TestContext, { metainfo, content }: MadeTorrent, url: string, memoryBytes = 64 * MIB) {
    this.parts = swarmParts(content.length, metainfo.geometry.pieceLength, memoryBytes)
    const { scheduler, arena } = this.parts
    const connections = new WebConnections()
    this.webSeeds = new WebSeeds({
      seeds: listWebSeeds({ ...metainfo, webSeeds: [url] }, [], 'always'),
      geometry: metainfo.geometry,
      scheduler,
      pump: new RequestPump({ clock: this.clock, scheduler, arena, buckets: [] }),
      connections,
      clock: this.clock,
      random: () => 0.5,
      takeNumber: () => ++this.#lastNumber,
      isAlone: () => true,
      failed: (_url, { code }) => void this.failures.push(code),
      crashed: (error) => assert.ifError(error),
    })
    t.after(async () => {
      this.webSeeds.close()
      await connections.close()
    })
    this.webSeeds.open()
  }

  pass(ms: number): void {
    this.clock.pass(ms)
    this.parts.scheduler.tick(this.clock.now())
    this.webSeeds.tick(this.clock.now())
  }
}

/** Says how much follows, and sends the first bytes of it. */
function begin({ response, bytes, first, end, fileBytes }: WebRequest, count: number): void {
  const headers = { ...contentRange(first, end, fileBytes), 'content-length': bytes.length }
  response.writeHead(206, headers).write(bytes.subarray(0, count))
}

test('a server that never answers is given up after a while, and asked again', TIMEOUT, async (t) => {
  let asked = 0
  const url = await serveSilence(t, () => asked++)
  const bench = new Bench(t, makeSingle(4 * MIB, 64 * KIB), url)
  await eventually(() => asked === 1)
  bench.pass(19_000)
  assert.deepEqual(bench.failures, [])
  bench.pass(2_000)
  assert.deepEqual(bench.failures, ['TIMEOUT'])
  assert.equal(bench.webSeeds.activeCount, 0)
  assert.match(bench.webSeeds.trouble!, /^web seed 127\.0\.0\.1:\d+: nothing came for 21 s$/)
  bench.pass(2_001)
  await eventually(() => asked === 2)
})

test('a server that stops in the midst of an answer is given up', TIMEOUT, async (t) => {
  const made = makeSingle(4 * MIB, 64 * KIB)
  const closed: WebRequest[] = []
  const server = await WebServer.listen(t, made, {
    script: (request) => {
      request.response.on('close', () => closed.push(request))
      begin(request, 30_000)
    },
  })
  const bench = new Bench(t, made, server.url)
  await eventually(() => bench.parts.scheduler.receivedBytes >= 8 * 30_000)
  bench.pass(20_001)
  assert.ok(bench.failures.length >= 1 && bench.failures.every((code) => code === 'TIMEOUT'))
  await eventually(() => closed.length === 8)
})

test('a server that sends drop by drop does not keep what others could bring', TIMEOUT, async (t) => {
  const made = makeSingle(4 * MIB, 64 * KIB)
  const server = await WebServer.listen(t, made, { script: (request) => begin(request, 1) })
  const bench = new Bench(t, made, server.url)
  await eventually(() => server.requests.length > 0 && bench.parts.scheduler.receivedBytes > 0)
  for (let sent = 1; bench.failures.length === 0; sent++) {
    assert.ok(sent < 20, 'it goes on for ever')
    const { receivedBytes } = bench.parts.scheduler
    for (const { response, bytes } of server.requests) {
      if (!response.destroyed) response.write(bytes.subarray(sent, sent + 1))
    }
    await eventually(() => bench.parts.scheduler.receivedBytes > receivedBytes)
    bench.pass(5_000)
  }
  assert.equal(bench.failures[0], 'TIMEOUT')
  assert.equal(bench.parts.scheduler.opener.isExhausted, false)
})

test('who waits for memory keeps the socket waiting, and is no stalled server', TIMEOUT, async (t) => {
  const made = makeSingle(16 * MIB, MIB)
  let isOver = false
  const server = await WebServer.listen(t, made, {
    script: (request) => {
      request.incoming.socket.on('close', () => {
        isOver = true
      })
      request.serve()
    },
  })
  const bench = new Bench(t, made, server.url, 6 * MIB)
  const { filled, arena } = bench.parts
  await eventually(() => filled.length === 6)
  assert.equal(arena.usedBytes, 6 * MIB)
  const { receivedBytes } = bench.parts.scheduler
  bench.pass(9_000)
  assert.equal(bench.parts.scheduler.receivedBytes, receivedBytes)
  assert.equal(isOver, false)
  bench.pass(9_000)
  await eventually(() => isOver)
  assert.deepEqual(bench.failures, [])
  while (filled.length > 0) arena.give(filled.pop()!.buffer!)
  bench.pass(250)
  await eventually(() => filled.length > 0)
})
