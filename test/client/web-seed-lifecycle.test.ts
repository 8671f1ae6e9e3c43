import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoppedError } from '../../src/core/errors.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeSingle } from '../kit/made-torrent.js'
import { eventually, openClient, reached } from '../kit/seeding.js'
import { contentRange, type WebRequest, WebServer } from '../kit/web-server.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

/** Begins its answers, and never comes to their end; counts those that the other side has ended. */
class Dawdler {
  isDawdling = true
  begun = 0
  ended = 0

  readonly script = ({ response, bytes, first, end, fileBytes, serve }: WebRequest) => {
    if (!this.isDawdling) return serve()
    this.begun++
    response.on('close', () => this.ended++)
    response.writeHead(206, { ...contentRange(first, end, fileBytes), 'content-length': bytes.length })
    response.write(bytes.subarray(0, 50_000))
  }
}

test('a pause ends all requests at once, and they are made anew afterwards', TIMEOUT, async (t) => {
  const made = makeSingle(8 * MIB, 64 * KIB)
  const dawdler = new Dawdler()
  const server = await WebServer.listen(t, made, dawdler)
  const output = scratchFolder(t)
  const torrent = await openClient(t).add(made.bytes, { output, useTrackers: false, webSeeds: [server.url] })
  for (let round = 1; round <= 3; round++) {
    const { begun } = dawdler
    await eventually(() => dawdler.begun > begun && torrent.progress().webSeeds === 1)
    torrent.pause()
    assert.equal(torrent.progress().webSeeds, 0)
    await eventually(() => dawdler.ended === dawdler.begun)
    if (round === 3) dawdler.isDawdling = false
    torrent.resume()
  }
  await torrent.done
  assertFiles(made, output)
})

test('a stop ends all requests at once, at any time', TIMEOUT, async (t) => {
  const made = makeSingle(8 * MIB, 64 * KIB)
  const dawdler = new Dawdler()
  const server = await WebServer.listen(t, made, dawdler)
  const client = openClient(t)
  const options = { output: scratchFolder(t), useTrackers: false, webSeeds: [server.url] }
  for (const isBegun of [false, true]) {
    const torrent = await client.add(made.bytes, options)
    await reached(torrent, 'downloading')
    if (isBegun) await eventually(() => dawdler.begun > 0)
    await torrent.stop()
    await assert.rejects(torrent.done, StoppedError)
    await eventually(() => dawdler.ended === dawdler.begun)
  }
})

test('a recheck in the midst of a download goes on with what is there', TIMEOUT, async (t) => {
  const made = makeSingle(8 * MIB, 64 * KIB)
  const dawdler = new Dawdler()
  const server = await WebServer.listen(t, made, dawdler)
  const output = scratchFolder(t)
  const torrent = await openClient(t).add(made.bytes, { output, useTrackers: false, webSeeds: [server.url] })
  await eventually(() => dawdler.begun > 0)
  const { begun } = dawdler
  // The old answers hang as they did; those that are asked for anew come.
  dawdler.isDawdling = false
  torrent.recheck()
  await eventually(() => dawdler.ended >= begun)
  await torrent.done
  assertFiles(made, output)
})

test('who seeds asks no web seed for anything, and gives it nothing', TIMEOUT, async (t) => {
  const made = makeSingle(MIB, 64 * KIB)
  const server = await WebServer.listen(t, made)
  const output = scratchFolder(t)
  const client = openClient(t)
  const options = { output, useTrackers: false, webSeeds: [server.url], seed: { timeMs: 300 } }
  const torrent = await client.add(made.bytes, options)
  await torrent.done
  assert.equal(torrent.progress().webSeeds, 0)
  await torrent.ended
  const count = server.requests.length
  const again = await client.add(made.bytes, options)
  await again.ended
  assert.equal(server.requests.length, count)
  assert.ok(server.requests.every(({ incoming }) => incoming.method === 'GET'))
})

test('the process of a client that is closed is held by no connection', TIMEOUT, async (t) => {
  const made = makeSingle(2 * MIB, 64 * KIB)
  const dawdler = new Dawdler()
  const server = await WebServer.listen(t, made, dawdler)
  const client = openClient(t)
  const output = scratchFolder(t)
  const torrent = await client.add(made.bytes, { output, useTrackers: false, webSeeds: [server.url] })
  await eventually(() => dawdler.begun > 0)
  await client.close()
  await assert.rejects(torrent.done, StoppedError)
  await eventually(() => server.openSockets === 0)
})
