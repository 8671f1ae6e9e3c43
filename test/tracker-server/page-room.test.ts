/** Who asks for pages and does not read them. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Pages, servePage } from '../../src/tracker-server/page-request.js'
import { type PageLimits, PageRoom } from '../../src/tracker-server/page-room.js'
import { eventually } from '../kit/seeding.js'

const TIMEOUT = { timeout: 10_000 }
/** More than a connection takes that nobody reads from. */
const PAGE_BYTES = 20_000_000

/** A server whose pages are all large. */
async function serve(t: TestContext, limits: Partial<PageLimits>) {
  let begunCount = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const pages: Pages = async () => {
    begunCount++
    if (limits.beingMade !== undefined) await finished
    return { status: 200, type: 'x', body: Buffer.alloc(PAGE_BYTES) }
  }
  const room = () =>
    new PageRoom({ beingMade: 100, waitingBytes: Number.POSITIVE_INFINITY, fetchMs: 60_000, ...limits })
  const parts = { pages, torrentRoom: room(), room: room() }
  let close = () => {}
  const closed = new Promise<void>((resolve) => {
    close = resolve
  })
  const server = createServer((request, response) => servePage(parts, request, response))
  server.once('connection', (socket) => socket.once('close', close))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    begun: () => begunCount,
    finish,
    closed,
    status: async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      await response.arrayBuffer()
      return response.status
    },
    /** Asks so many times at once, and reads nothing. */
    stare: async (path: string, times: number): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      t.after(() => socket.destroy())
      socket.pause().write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times))
      const before = begunCount
      await eventually(() => begunCount > before)
      return socket
    },
  }
}

test('of all that is asked for at once over one connection, one page is made', TIMEOUT, async (t) => {
  const { stare, begun, status } = await serve(t, {})
  await stare('/torrents/a', 500)
  assert.equal(await status('/torrents/a'), 200)
  assert.equal(begun(), 2)
})

test(
  'while too much waits to be fetched there is nothing more, until who does not fetch is gone',
  TIMEOUT,
  async (t) => {
    const { stare, status } = await serve(t, { waitingBytes: 2 * PAGE_BYTES })
    const [first] = [await stare('/torrents/a', 1), await stare('/torrents/b', 9)]
    assert.equal(await status('/torrents/a'), 503)
    assert.equal(await status('/metrics'), 200, 'others have a room of their own')
    first.destroy()
    while ((await status('/torrents/a')) !== 200);
  },
)

test('so many are made at once, and no more', TIMEOUT, async (t) => {
  const { stare, status, finish } = await serve(t, { beingMade: 2 })
  await stare('/a', 1)
  await stare('/b', 1)
  assert.equal(await status('/c'), 503)
  finish()
  while ((await status('/c')) !== 200);
})

test('who takes too long to fetch a page is let go', TIMEOUT, async (t) => {
  const { stare, closed } = await serve(t, { fetchMs: 50 })
  await stare('/torrents/a', 1)
  await closed
})
