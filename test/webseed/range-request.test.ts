import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { WebSeedError } from '../../src/core/errors.js'
import type { BodyPlace } from '../../src/webseed/range-answer.js'
import { type RangeReader, RangeRequest, type WebDoor } from '../../src/webseed/range-request.js'
import { WebConnections } from '../../src/webseed/web-connections.js'
import { serveHttp, serveSockets } from '../kit/local-server.js'
import { payloadBytes } from '../kit/payload.js'
import { contentRange } from '../kit/web-server.js'

const TIMEOUT = { timeout: 10_000 }
const WISH = { first: 0, end: 3_000_000, fileBytes: 3_000_000, isRangeInUrl: false }

function doorTo(t: TestContext, mayBePrivate: (hostname: string) => boolean = () => true): WebDoor {
  const connections = new WebConnections()
  t.after(() => connections.close())
  return {
    mayBePrivate: async (hostname) => mayBePrivate(hostname),
    agent: (isPrivate) => connections.agent(isPrivate),
  }
}

/** Keeps what it hears. */
class Listener implements RangeReader {
  readonly heard: string[] = []
  readonly parts: Uint8Array[] = []
  readonly over: Promise<void>
  error: Error | undefined
  request: RangeRequest | undefined
  takes: (bytes: Uint8Array) => void = () => {}
  #end: () => void = () => {}

  constructor() {
    this.over = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  redirected(url: URL): void {
    this.heard.push(`redirected ${url.pathname}`)
  }

  begun({ first, end }: BodyPlace): void {
    this.heard.push(`begun ${first}-${end}`)
  }

  data(bytes: Uint8Array): void {
    this.parts.push(Uint8Array.from(bytes))
    this.takes(bytes)
  }

  ended(): void {
    this.heard.push('ended')
    this.#end()
  }

  failed(error: Error): void {
    this.error = error
    this.#end()
  }
}

function ask(door: WebDoor, url: string, listener = new Listener(), wish = WISH): Listener {
  listener.request = new RangeRequest(door, new URL(url), wish, listener)
  return listener
}

function serveRange({ headers }: IncomingMessage, response: ServerResponse): void {
  const [first, last] = /\d+-\d+/.exec(headers.range!)![0].split('-').map(Number)
  response.writeHead(206, contentRange(first!, last! + 1, WISH.fileBytes))
  response.end(payloadBytes(first!, last! + 1 - first!))
}

test(
  'the bytes of a range come as they are, however often the reader makes them wait',
  TIMEOUT,
  async (t) => {
    const url = await serveHttp(t, serveRange)
    const door = doorTo(t)
    // Several at once, because they read into the same memory.
    const listeners = await Promise.all(
      Array.from({ length: 4 }, async (_, at) => {
        const listener = new Listener()
        let count = at
        listener.takes = () => {
          if (++count % 3 === 0) return
          listener.request!.pause()
          if (count % 3 === 1) listener.request!.resume()
          else setImmediate(() => listener.request!.resume())
        }
        await ask(door, url, listener, { ...WISH, first: at * 100_000 }).over
        return listener
      }),
    )
    for (const [at, { parts, heard, error }] of listeners.entries()) {
      assert.equal(error, undefined)
      assert.deepEqual(heard, [`begun ${at * 100_000}-3000000`, 'ended'])
      assert.ok(Buffer.concat(parts).equals(payloadBytes(at * 100_000, 3_000_000 - at * 100_000)))
    }
  },
)

test('who sends a request says that nothing is to be compressed, and who asks', TIMEOUT, async (t) => {
  let headers: IncomingMessage['headers'] = {}
  const url = await serveHttp(t, (request, response) => {
    headers = request.headers
    serveRange(request, response)
  })
  await ask(doorTo(t), url.replace('//', '//us%20er:p%3Aw@')).over
  assert.equal(headers['accept-encoding'], 'identity')
  assert.equal(headers['user-agent'], 'swarmfetch')
  assert.equal(headers.range, 'bytes=0-2999999')
  assert.equal(headers.authorization, `Basic ${Buffer.from('us er:p:w').toString('base64')}`)
})

test('nothing leads from public addresses to private ones', TIMEOUT, async (t) => {
  const secret = await serveHttp(t, () => assert.fail('it was asked'))
  const forbidden = ask(
    doorTo(t, () => false),
    secret,
  )
  await forbidden.over
  assert.ok(forbidden.error instanceof WebSeedError)
  assert.equal(forbidden.error.code, 'FORBIDDEN_ADDRESS')

  const port = new URL(secret).port
  const url = await serveHttp(t, (_, response) => {
    response.writeHead(302, { location: `http://localhost:${port}/` }).end()
  })
  const led = ask(
    doorTo(t, (hostname) => hostname === '127.0.0.1'),
    url,
  )
  await led.over
  assert.equal((led.error as WebSeedError).code, 'FORBIDDEN_ADDRESS')
  // Others of the same web seed would ask there, and know nothing of who sent them.
  assert.deepEqual(led.heard, [])
})

test('after an abort nothing more is heard, at whatever time', TIMEOUT, async (t) => {
  let closedCount = 0
  const url = await serveHttp(t, (request, response) => {
    response.on('close', () => closedCount++)
    serveRange(request, response)
  })
  const door = doorTo(t)
  const early = ask(door, url)
  early.request!.abort()
  const late = new Listener()
  late.takes = () => late.request!.abort()
  ask(door, url, late)
  const control = ask(door, url)
  await control.over
  assert.deepEqual([early.heard, early.error], [[], undefined])
  assert.deepEqual([late.heard, late.parts.length, late.error], [['begun 0-3000000'], 1, undefined])
  assert.ok(closedCount >= 1)
})

test('what the reader throws ends the request, and comes back to it', TIMEOUT, async (t) => {
  const url = await serveHttp(t, serveRange)
  const own = new TypeError('a defect of ours')
  const listener = new Listener()
  listener.takes = () => {
    throw own
  }
  await ask(doorTo(t), url, listener).over
  assert.equal(listener.error, own)
})

test('what undici cannot make sense of is sorted by its cure', TIMEOUT, async (t) => {
  const cases = [
    ['', 'UNREACHABLE'],
    [
      'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-2999999/3000000\r\ncontent-length: 3000000\r\n\r\nab',
      'CUT_SHORT',
    ],
    [
      'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-2999999/3000000\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      'CUT_SHORT',
    ],
    [
      'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-2999999/3000000\r\ntransfer-encoding: chunked\r\n\r\nzz',
      'BAD_RESPONSE',
    ],
    ['HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', 'UNREACHABLE'],
    ['nonsense\r\n\r\n', 'BAD_RESPONSE'],
  ] as const
  for (const [answer, code] of cases) {
    const url = await serveSockets(t, (socket) => void socket.once('data', () => socket.end(answer)))
    const listener = ask(doorTo(t), url)
    await listener.over
    assert.ok(listener.error instanceof WebSeedError, `${listener.error} for ${answer}`)
    assert.equal(listener.error.code, code, answer)
  }
})

test('answers that only announce the answer are passed over', TIMEOUT, async (t) => {
  const url = await serveHttp(t, (request, response) => {
    response.writeProcessing()
    response.writeEarlyHints({ link: '</x>; rel=preload' })
    serveRange(request, response)
  })
  const listener = ask(doorTo(t), url)
  await listener.over
  assert.deepEqual(listener.heard, ['begun 0-3000000', 'ended'])
})
