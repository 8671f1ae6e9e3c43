import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { TorrentNotice } from '../../src/client/progress.js'
import { GaveUpError } from '../../src/core/errors.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { refusedUrl, serveSockets } from '../kit/local-server.js'
import { assertFiles, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { contentRange, type WebRequest, WebServer } from '../kit/web-server.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }

/** For good: `[code]` of each web seed that was dropped. */
function droppedFor(notices: readonly TorrentNotice[]): string[] {
  return notices.flatMap((notice) =>
    notice.type === 'webSeedFailed' && notice.isDropped ? [notice.code] : [],
  )
}

const torrent = makeSingle(2 * MIB, 64 * KIB)

/** What no server may do and stay a web seed: the answer, and the code for which it goes. */
const OFFENCES: readonly [name: string, code: string, answer: (request: WebRequest) => void][] = [
  ['refuses the method', 'HTTP_STATUS', ({ response }) => response.writeHead(405).end()],
  ['does not have the file', 'NOT_FOUND', ({ response }) => response.writeHead(404).end()],
  ['has a shorter file', 'WRONG_LENGTH', ({ response }) => response.writeHead(416).end()],
  [
    'has a longer file',
    'WRONG_LENGTH',
    ({ response, bytes, first, end, fileBytes }) =>
      response.writeHead(206, contentRange(first, end, fileBytes + 1)).end(bytes),
  ],
  [
    'has a longer file, and sends it whole',
    'WRONG_LENGTH',
    ({ response, bytes }) => response.writeHead(200, { 'content-length': bytes.length + 1 }).end(bytes),
  ],
  [
    'compresses what it sends',
    'BAD_RESPONSE',
    ({ response, bytes, first, end, fileBytes }) => {
      const headers = { ...contentRange(first, end, fileBytes), 'content-encoding': 'gzip' }
      response.writeHead(206, headers).end(gzipSync(bytes))
    },
  ],
  [
    'sends another range',
    'BAD_RESPONSE',
    ({ response, bytes, first, end, fileBytes }) =>
      response.writeHead(206, contentRange(first + 1, end, fileBytes)).end(bytes.subarray(1)),
  ],
  [
    'sends endless headers',
    'BAD_RESPONSE',
    ({ response }) => response.writeHead(206, { bomb: 'x'.repeat(20_000) }).end(),
  ],
  [
    'redirects in a circle',
    'TOO_MANY_REDIRECTS',
    ({ response, incoming }) => response.writeHead(302, { location: incoming.url }).end(),
  ],
  [
    'redirects to nowhere',
    'BAD_RESPONSE',
    ({ response }) => response.writeHead(302, { location: 'gopher://x/' }).end(),
  ],
]

for (const [name, code, script] of OFFENCES) {
  test(`a server that ${name} is dropped, and without another the download gives up`, TIMEOUT, async (t) => {
    const server = await WebServer.listen(t, torrent, { script })
    const notices: TorrentNotice[] = []
    const output = scratchFolder(t)
    const onNotice = (notice: TorrentNotice) => void notices.push(notice)
    await assert.rejects(
      fetchFrom(torrent, [], { output, webSeeds: [server.url], onNotice }),
      (error) => error instanceof GaveUpError && error.code === 'NO_PEERS' && /web seed/.test(error.message),
    )
    assert.deepEqual(droppedFor(notices), [code])
  })
}

test('a server that does not speak HTTP is dropped', TIMEOUT, async (t) => {
  const url = await serveSockets(t, (socket) => void socket.end('SSH-2.0-nothing\r\n'))
  const output = scratchFolder(t)
  const notices: TorrentNotice[] = []
  const onNotice = (notice: TorrentNotice) => void notices.push(notice)
  await assert.rejects(fetchFrom(torrent, [], { output, webSeeds: [url], onNotice }), GaveUpError)
  assert.deepEqual(droppedFor(notices), ['BAD_RESPONSE'])
})

test('of a body without end only what was asked for is taken', TIMEOUT, async (t) => {
  const server = await WebServer.listen(t, torrent, {
    script: ({ response, bytes, first, end, fileBytes }) => {
      response.writeHead(206, contentRange(first, end, fileBytes))
      const pour = () => {
        while (!response.destroyed && response.write(bytes));
      }
      response.on('drain', pour)
      pour()
    },
  })
  const output = scratchFolder(t)
  const { result } = await fetchFrom(torrent, [], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
  assert.ok(result.wastedBytes < MIB)
})

test('nobody waits for ever for a server that is not there', TIMEOUT, async (t) => {
  const output = scratchFolder(t)
  const webSeeds = [await refusedUrl()]
  await assert.rejects(
    fetchFrom(torrent, [], { output, webSeeds, giveUpAfterMs: 1_500 }),
    (error) => error instanceof GaveUpError && /no connection \(ECONNREFUSED\)/.test(error.message),
  )
})

test('a redirect is followed once, and remembered', TIMEOUT, async (t) => {
  const set = makeTorrent({
    folder: 'set',
    pieceLength: 64 * KIB,
    files: { a: 2 * MIB, 'b c': 300_000, d: 5 },
  })
  const mirror = await WebServer.listen(t, set)
  const server = await WebServer.listen(t, set, {
    script: ({ response, incoming }) =>
      response.writeHead(307, { location: `${mirror.url.slice(0, -1)}${incoming.url}` }).end('moved'),
  })
  const output = scratchFolder(t)
  await fetchFrom(set, [], { output, webSeeds: [server.url] })
  assertFiles(set, output)
  assert.equal(server.requests.length, 1)
})

test('where a redirect led to nothing any more, the first place is asked again', TIMEOUT, async (t) => {
  const mirror = await WebServer.listen(t, torrent)
  let isGone = false
  const server = await WebServer.listen(t, torrent, {
    script: (request) => {
      if (isGone) return request.serve()
      request.response.writeHead(302, { location: `${mirror.url}data.bin` }).end()
    },
  })
  mirror.script = (request) => {
    if (isGone) return void request.response.writeHead(403).end()
    isGone = true
    request.serve()
  }
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
  assert.deepEqual(droppedFor(notices), [])
})

test('a server that knows no ranges is read from its start, over one connection', TIMEOUT, async (t) => {
  const large = makeSingle(30 * MIB, 256 * KIB)
  const server = await WebServer.listen(t, large, {
    script: ({ response, fileBytes }) => {
      response.writeHead(200, { 'content-length': fileBytes }).end(large.content)
    },
  })
  const output = scratchFolder(t)
  await fetchFrom(large, [], { output, webSeeds: [server.url] })
  assertFiles(large, output)
  assert.equal(server.requests.length, 1)
})

test(
  'small files come from a server that knows no ranges, though their pieces overlap',
  TIMEOUT,
  async (t) => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, 70_000 + at]))
    const set = makeTorrent({ folder: 'set', pieceLength: 64 * KIB, files })
    const server = await WebServer.listen(t, set, {
      script: ({ response, path }) => {
        const { offset, length } = set.metainfo.files.find(({ webPath }) => webPath.join('/') === path)!
        response.writeHead(200).end(set.content.subarray(offset, offset + length))
      },
    })
    const output = scratchFolder(t)
    await fetchFrom(set, [], { output, webSeeds: [server.url] })
    assertFiles(set, output)
  },
)

test('answers that are cut short, or shorter than asked, are gone on with', TIMEOUT, async (t) => {
  let count = 0
  const server = await WebServer.listen(t, torrent, {
    script: ({ response, bytes, first, end, fileBytes, serve }) => {
      count++
      if (count % 3 === 0) return serve()
      const part = bytes.subarray(0, 100_001)
      if (count % 3 === 1) {
        const headers = { ...contentRange(first, end, fileBytes), 'content-length': bytes.length }
        response.writeHead(206, headers).write(part, () => response.destroy())
      } else response.writeHead(206, contentRange(first, first + part.length, fileBytes)).end(part)
    },
  })
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
})

test('a busy server is asked again when it says, and not before', TIMEOUT, async (t) => {
  let firstMs: number | undefined
  let secondMs: number | undefined
  const server = await WebServer.listen(t, torrent, {
    script: ({ response, serve }) => {
      if (firstMs === undefined) {
        firstMs = performance.now()
        response.writeHead(503, { 'retry-after': '1' }).end('busy')
      } else {
        secondMs ??= performance.now()
        serve()
      }
    },
  })
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
  assert.ok(secondMs! - firstMs! >= 990, `${secondMs! - firstMs!} ms`)
})

test('a server that wants two connections only gets two', TIMEOUT, async (t) => {
  const large = makeSingle(12 * MIB, 256 * KIB)
  let open = 0
  let refusals = 0
  const server = await WebServer.listen(t, large, {
    script: ({ response, serve }) => {
      if (open >= 2) {
        refusals++
        return void response.writeHead(429, { 'retry-after': '3600' }).end()
      }
      open++
      response.on('close', () => open--)
      serve()
    },
  })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(large, [], { output, webSeeds: [server.url] })
  assertFiles(large, output)
  assert.deepEqual(droppedFor(notices), [])
  assert.ok(refusals < 20, `${refusals} refusals`)
})

test('a server that wanted no second connection is tried for one again when it says', TIMEOUT, async (t) => {
  const large = makeSingle(12 * MIB, 256 * KIB)
  let finishFirst: (() => void) | undefined
  let refusedMs: number | undefined
  const server = await WebServer.listen(t, large, {
    script: ({ response, bytes, first, end, fileBytes, serve }) => {
      if (finishFirst === undefined) {
        response.writeHead(206, { ...contentRange(first, end, fileBytes), 'content-length': bytes.length })
        response.write(bytes.subarray(0, 100_000))
        finishFirst = () => response.end(bytes.subarray(100_000))
      } else if (refusedMs === undefined || performance.now() - refusedMs < 900) {
        refusedMs ??= performance.now()
        response.writeHead(429, { 'retry-after': '1' }).end()
      } else {
        finishFirst()
        serve()
      }
    },
  })
  const output = scratchFolder(t)
  await fetchFrom(large, [], { output, webSeeds: [server.url] })
  assertFiles(large, output)
})

test('a server that goes away and comes back finishes what it began', TIMEOUT, async (t) => {
  const server = await WebServer.listen(t, torrent)
  let hasBroken = false
  server.script = ({ response, bytes, first, end, fileBytes, serve }) => {
    if (hasBroken) return serve()
    hasBroken = true
    response.writeHead(206, { ...contentRange(first, end, fileBytes), 'content-length': bytes.length })
    response.write(bytes.subarray(0, 200_000), () => {
      void server.down().then(() => server.up())
    })
  }
  const output = scratchFolder(t)
  await fetchFrom(torrent, [], { output, webSeeds: [server.url] })
  assertFiles(torrent, output)
})
