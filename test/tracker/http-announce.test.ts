import assert from 'node:assert/strict'
import type { RequestListener, ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { LIMITS } from '../../src/config.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { TrackerError } from '../../src/core/errors.js'
import type { PrivateReach } from '../../src/core/private-reach.js'
import type { Family } from '../../src/net/look-up.js'
import type { AnnounceRequest } from '../../src/tracker/announce.js'
import { httpAnnounce } from '../../src/tracker/http-announce.js'
import { HttpConnections } from '../../src/tracker/http-connections.js'
import { refusedUrl, serveHttp, serveSilence, serveSockets } from '../kit/local-server.js'

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xab),
  peerId: Buffer.from('-SF0100-abcdefghijkl'),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 100,
  numWant: 50,
  event: 'started',
  trackerId: undefined,
  key: '00c0ffee',
}
const ANSWER = encodeBencode({ interval: 900, peers: Buffer.from([127, 0, 0, 1, 0x1a, 0xe1]) })
const PEERS = [{ host: '127.0.0.1', port: 6881 }]

interface AnnounceOptions {
  readonly timeoutMs?: number
  readonly reach?: PrivateReach
  readonly family?: Family
  readonly signal?: AbortSignal
}

async function announce(t: TestContext, tracker: string, options: AnnounceOptions = {}) {
  const connections = new HttpConnections()
  t.after(() => connections.close())
  const signal = options.signal ?? new AbortController().signal
  const { timeoutMs, reach = 'spelled out', family = 4 } = options
  const how = { reach, family, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
  return await httpAnnounce(connections, how)(new URL(tracker), REQUEST, signal)
}

/** The error that an announce to such a tracker ends with. */
async function failureOf(t: TestContext, tracker: string, options?: AnnounceOptions): Promise<TrackerError> {
  try {
    await announce(t, tracker, options)
  } catch (error) {
    assert.ok(error instanceof TrackerError, String(error))
    return error
  }
  return assert.fail('the announce succeeded')
}

/** Resolves when the client has closed the connection. */
function closeOf(t: TestContext, listener: RequestListener): { url: Promise<string>; closed: Promise<void> } {
  let onClose: () => void
  const closed = new Promise<void>((resolve) => {
    onClose = resolve
  })
  const url = serveHttp(t, (request, response) => {
    request.socket.on('close', () => onClose())
    listener(request, response)
  })
  return { url, closed }
}

/** Writes for as long as the client reads. */
function pour(response: ServerResponse, bytes: Uint8Array): void {
  const more = () => {
    while (!response.destroyed && response.write(bytes));
  }
  response.on('drain', more)
  more()
}

test('a tracker gets the whole query and its answer comes back', async (t) => {
  let asked = ''
  const url = await serveHttp(t, (request, response) => {
    asked = request.url ?? ''
    response.end(ANSWER)
  })
  const { peers, intervalMs } = await announce(t, `${url}announce?passkey=x#y`)
  assert.deepEqual({ peers, intervalMs }, { peers: PEERS, intervalMs: 900_000 })
  assert.match(asked, /^\/announce\?passkey=x&info_hash=(%AB){20}&peer_id=-SF0100-abcdefghijkl&port=6881&/)
  assert.match(asked, /&event=started$/)
})

test('compressed answers are read', async (t) => {
  for (const [coding, body] of [
    ['gzip', gzipSync(ANSWER)],
    ['deflate', deflateSync(ANSWER)],
    ['br', brotliCompressSync(ANSWER)],
  ] as const) {
    const url = await serveHttp(t, (_, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(body)
    })
    assert.deepEqual((await announce(t, url)).peers, PEERS, coding)
  }
})

test('redirects are followed, relative ones too', async (t) => {
  const url = await serveHttp(t, (request, response) => {
    if (request.url === '/here') response.end(ANSWER)
    else response.writeHead(302, { location: 'here' }).end('moved')
  })
  assert.deepEqual((await announce(t, url)).peers, PEERS)
})

test('a redirect loop ends, and so does a redirect out of HTTP', async (t) => {
  let asked = 0
  const loop = await serveHttp(t, (_, response) => {
    asked++
    response.writeHead(301, { location: '/again' }).end()
  })
  assert.equal((await failureOf(t, loop)).code, 'TOO_MANY_REDIRECTS')
  assert.equal(asked, 6)
  const out = await serveHttp(t, (_, response) => {
    response.writeHead(302, { location: 'file:///etc/passwd' }).end()
  })
  assert.equal((await failureOf(t, out)).code, 'BAD_RESPONSE')
})

test('a redirect with an endless body is followed without reading it', async (t) => {
  const url = await serveHttp(t, (request, response) => {
    if (request.url === '/here') response.end(ANSWER)
    else pour(response.writeHead(302, { location: '/here' }), Buffer.alloc(65_536))
  })
  assert.deepEqual((await announce(t, url)).peers, PEERS)
})

test('an endless body is cut off and its connection closed', async (t) => {
  const { url, closed } = closeOf(t, (_, response) => pour(response, Buffer.alloc(65_536, 'x')))
  assert.equal((await failureOf(t, await url)).code, 'BODY_TOO_LARGE')
  await closed
})

test('a gzip bomb is stopped', async (t) => {
  const bomb = gzipSync(Buffer.alloc(20_000_000))
  const url = await serveHttp(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  })
  assert.equal((await failureOf(t, url)).code, 'BODY_TOO_LARGE')
})

test('an answer that drips ends at the time limit and its connection is closed', async (t) => {
  const { url, closed } = closeOf(t, (_, response) => {
    response.write('d8:interval')
    const drip = setInterval(() => response.write('x'), 10)
    response.on('close', () => clearInterval(drip))
  })
  assert.equal((await failureOf(t, await url, { timeoutMs: 150 })).code, 'TIMEOUT')
  await closed
})

test('a tracker that accepts and never answers ends at the time limit', async (t) => {
  const url = await serveSilence(t)
  assert.equal((await failureOf(t, url, { timeoutMs: 50 })).code, 'TIMEOUT')
})

test('a refused connection and one that is reset are an unreachable tracker', async (t) => {
  assert.equal((await failureOf(t, await refusedUrl())).code, 'UNREACHABLE')
  const reset = await serveSockets(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  assert.equal((await failureOf(t, reset)).code, 'UNREACHABLE')
  const halfway = await serveSockets(t, (socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nd8:inter', () => socket.resetAndDestroy())
    }),
  )
  assert.equal((await failureOf(t, halfway)).code, 'UNREACHABLE')
})

test('garbage instead of HTTP, endless headers and a web page are a bad response', async (t) => {
  const garbage = await serveSockets(t, (socket) => socket.end('\0\xff\0 nothing like HTTP\r\n\r\n'))
  assert.equal((await failureOf(t, garbage)).code, 'BAD_RESPONSE')
  const headers = await serveSockets(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}`)
  })
  assert.equal((await failureOf(t, headers)).code, 'BAD_RESPONSE')
  const page = await serveHttp(t, (_, response) => response.end('<!doctype html><p>parked'))
  assert.equal((await failureOf(t, page)).code, 'BAD_RESPONSE')
})

test('an error status is told as such, unless the tracker gives its reason with it', async (t) => {
  const bare = await serveHttp(t, (_, response) => response.writeHead(503).end('busy'))
  const failure = await failureOf(t, bare)
  assert.deepEqual([failure.code, /503/.test(failure.message)], ['HTTP_STATUS', true])
  const reason = encodeBencode({ 'failure reason': 'who\u001b are you?' })
  const polite = await serveHttp(t, (_, response) => response.writeHead(403).end(reason))
  const refusal = await failureOf(t, polite)
  assert.deepEqual([refusal.code, refusal.message], ['REFUSED', 'who are you?'])
  const misplaced = await serveHttp(t, (_, response) => response.writeHead(500).end(ANSWER))
  assert.equal((await failureOf(t, misplaced)).code, 'HTTP_STATUS')
})

test('an abort rejects with its own reason and closes the connection', async (t) => {
  const abort = new AbortController()
  const { url, closed } = closeOf(t, (_, response) => {
    response.write('d8:')
    abort.abort(new Error('enough'))
  })
  await assert.rejects(announce(t, await url, { signal: abort.signal }), { message: 'enough' })
  await closed
  await assert.rejects(announce(t, await url, { signal: abort.signal }), { message: 'enough' })
})

test('closing the connections closes idle ones, and nothing can be sent afterwards', async (t) => {
  const { url, closed } = closeOf(t, (_, response) => response.end(ANSWER))
  const connections = new HttpConnections()
  const signal = new AbortController().signal
  const once = httpAnnounce(connections, { reach: 'spelled out', family: 4 })
  await once(new URL(await url), REQUEST, signal)
  await connections.close()
  await closed
  await assert.rejects(once(new URL(await url), REQUEST, signal), TrackerError)
  await new HttpConnections().close()
})

test('a tracker at a private address is forbidden where that may not be, and so is one that a name leads to', async (t) => {
  let visitCount = 0
  const url = await serveHttp(t, (_, response) => {
    visitCount++
    response.end(ANSWER)
  })
  const { code, message } = await failureOf(t, url, { reach: 'never' })
  assert.equal(code, 'FORBIDDEN_ADDRESS')
  assert.equal(message, '127.0.0.1 is a loopback address: only --allow-private lets torrents lead there')
  assert.equal(visitCount, 0)
  assert.deepEqual((await announce(t, url.replace('127.0.0.1', 'localhost'))).peers, PEERS)
})

test('hundreds of announces share the connections that one tracker may have', async (t) => {
  const held: ServerResponse[] = []
  let mostHeld = 0
  const url = await serveHttp(t, (_, response) => {
    mostHeld = Math.max(mostHeld, held.push(response))
    if (held.length < LIMITS.trackerConnections) return
    // Others that were under way would come in before these are answered.
    setTimeout(() => {
      for (const each of held.splice(0)) each.end(ANSWER)
    }, 20)
  })
  const connections = new HttpConnections()
  t.after(() => connections.close())
  const tell = httpAnnounce(connections, { reach: 'spelled out', family: 4 })
  const { signal } = new AbortController()
  const rounds = Array.from({ length: 3 * LIMITS.trackerConnections }, () =>
    tell(new URL(url), REQUEST, signal),
  )
  assert.equal((await Promise.all(rounds)).length, 3 * LIMITS.trackerConnections)
  assert.equal(mostHeld, LIMITS.trackerConnections)
})
