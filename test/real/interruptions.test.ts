/** Downloads that are interrupted halfway, by us or by others, and go on from there. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { PROGRAM } from '../kit/cli-process.js'
import { serveHttp } from '../kit/local-server.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, peerOf, type SeedPlace, type SeedPlan, startLibtorrent } from '../kit/real-seeds.js'

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 12_000_001)
const info = hashPayload({ files: [payload], pieceLengthBytes: 131_072 })
const torrent = join(newFolder(), 'payload.torrent')
writeTorrent(torrent, info, undefined)

/** A seed that takes seconds for the payload. */
async function slowPlan(): Promise<SeedPlan> {
  const folder = dirname(payload.location)
  return { torrent, folder, place: await loopbackPlace(), uploadRate: 3_000_000 }
}

function argsFor(plan: SeedPlan, output: string): string[] {
  return [torrent, '-o', output, '--peer', peerOf(plan), '--timeout', '30']
}

function assertPayloadIn(output: string): void {
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

/** The same command again fetches what is missing, and no more than that. */
async function assertGoesOn(t: TestContext, args: readonly string[], completedBytes: number): Promise<void> {
  const { code, events, stderr } = await new RealGet(t, args).outcome
  assert.equal(code, 0, stderr)
  const { event, downloadedBytes } = events.at(-1)!
  assert.equal(event, 'complete')
  assert.ok(downloadedBytes! <= payload.length - completedBytes, `${downloadedBytes} after ${completedBytes}`)
}

/** Closes so many connections at once, then gives the place up. */
function closeConnections(t: TestContext, { host, port }: SeedPlace, count: number): Promise<void> {
  let closedCount = 0
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.destroy()
      closedCount++
      if (closedCount === count) server.close(() => resolve())
    }).listen(port, host)
    t.after(() => server.close())
  })
}

describe('a download that is interrupted', { concurrency: true, skip: needs('libtorrent') }, () => {
  test('goes on when its only seed is killed and comes back', async (t) => {
    const plan = await slowPlan()
    const seed = await startLibtorrent(t, plan)
    const output = newFolder()
    const get = new RealGet(t, argsFor(plan, output))
    await get.untilHalfway()
    await seed.kill()
    await get.until((event) => event.connectedPeers === 0)
    await startLibtorrent(t, plan)
    const { code, stderr } = await get.outcome
    assert.equal(code, 0, stderr)
    assertPayloadIn(output)
  })

  test('waits for a peer that is away for as long as --timeout allows', async (t) => {
    const plan = { torrent, folder: dirname(payload.location), place: await loopbackPlace() }
    const output = newFolder()
    // After three failures in a row a peer counts as gone.
    const closed = closeConnections(t, plan.place, 3)
    const get = new RealGet(t, argsFor(plan, output))
    await Promise.race([closed, get.outcome])
    await startLibtorrent(t, plan)
    const { code, stderr } = await get.outcome
    assert.equal(code, 0, stderr)
    assertPayloadIn(output)
  })

  test('goes on with the same command after it was killed', async (t) => {
    const plan = await slowPlan()
    await startLibtorrent(t, plan)
    const output = newFolder()
    const args = argsFor(plan, output)
    const get = new RealGet(t, args)
    const { completedBytes } = await get.untilHalfway()
    get.kill('SIGKILL')
    assert.equal((await get.outcome).code, null)
    await assertGoesOn(t, args, completedBytes!)
    assertPayloadIn(output)
  })

  test('ends with 7 within two seconds of SIGINT, says how to go on, and does', async (t) => {
    const plan = await slowPlan()
    await startLibtorrent(t, plan)
    const output = newFolder()
    const args = argsFor(plan, output)
    const get = new RealProcess(t, {
      program: process.execPath,
      args: [PROGRAM, 'get', '--no-dht', '--no-lsd', ...args],
    })
    await get.says(/ [1-9]\d?%/)
    const askedAt = performance.now()
    get.signal('SIGINT')
    assert.equal(await get.exitCode, 7, get.said)
    assert.ok(performance.now() - askedAt < 2_000)
    assert.match(get.said, /the same command goes on from here\n$/)
    const stoppedAt = Number(/stopped at (\d+)%/.exec(get.said)![1])
    await assertGoesOn(t, args, (payload.length * stoppedAt) / 100)
    assertPayloadIn(output)
  })
})

test('a further SIGINT, while a tracker keeps it from leaving, ends it with 130', async (t) => {
  let get: RealGet | undefined
  let impatience: NodeJS.Timeout | undefined
  t.after(() => clearInterval(impatience))
  const url = await serveHttp(t, (request, response) => {
    const isFarewell = request.url!.includes('event=stopped')
    // The first of these may come so soon that it passes for an echo.
    if (isFarewell) impatience = setInterval(() => get!.kill('SIGINT'), 20)
    else response.end('d8:intervali1800e5:peers0:e')
  })
  const announced = join(newFolder(), 'announced.torrent')
  writeTorrent(announced, info, `${url}announce`)
  get = new RealGet(t, [announced, '-o', newFolder()])
  await get.until((event) => event.type === 'trackerAnswered')
  get.kill('SIGINT')
  assert.equal((await get.outcome).code, 130)
})

test('peers that cannot be reached: --timeout ends it with 4', async (t) => {
  const peers = (await Promise.all([loopbackPlace(), loopbackPlace()])).map(
    (place) => `127.0.0.1:${place.port}`,
  )
  const args = [torrent, '-o', newFolder(), '--timeout', '3', ...peers.flatMap((peer) => ['--peer', peer])]
  const { code, stderr } = await new RealGet(t, args).outcome
  assert.equal(code, 4)
  assert.match(stderr, /^swarmfetch: payload\.bin: .*none of 2 known peers connected.* \(NO_PEERS\)$/m)
})
