import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { MetainfoError, SourceError } from '../../src/core/errors.js'
import { loadSource, loadTorrent } from '../../src/discovery/load-torrent.js'
import { refusedUrl, serveHttp, serveSilence, serveSockets } from '../kit/local-server.js'

const TORRENT = Buffer.from('d4:infod4:name1:aee')
const LIMIT_BYTES = 10_000_000
const isPosix = process.platform !== 'win32'

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-load-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function makeFile(t: TestContext, name: string, bytes: Uint8Array = TORRENT): string {
  const path = join(makeFolder(t), name)
  writeFileSync(path, bytes)
  return path
}

async function codeOf(loading: Promise<unknown>): Promise<string> {
  try {
    await loading
  } catch (error) {
    assert.ok(error instanceof SourceError || error instanceof MetainfoError, String(error))
    return error.code
  }
  return assert.fail('it was loaded')
}

test('a path, a file URL and bytes give the bytes', async (t) => {
  const path = makeFile(t, 'a b#1?.torrent')
  assert.deepEqual(await loadTorrent(path), TORRENT)
  assert.deepEqual(await loadTorrent(pathToFileURL(path).href), TORRENT)
  assert.deepEqual(await loadTorrent(TORRENT), TORRENT)
})

test('a URL gives its body, through redirects and compression', async (t) => {
  const url = await serveHttp(t, (request, response) => {
    if (request.url === '/') response.writeHead(303, { location: '/x' }).end()
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(TORRENT))
  })
  assert.deepEqual(await loadTorrent(url), TORRENT)
  assert.deepEqual(await loadTorrent(url.replace('http', 'HTTP')), TORRENT)
})

test('a missing file is not found', async (t) => {
  const folder = makeFolder(t)
  assert.equal(await codeOf(loadTorrent(join(folder, 'none.torrent'))), 'NOT_FOUND')
  assert.equal(await codeOf(loadTorrent(join(makeFile(t, 'file'), 'below'))), 'NOT_FOUND')
  assert.equal(await codeOf(loadTorrent(pathToFileURL(join(folder, 'none')).href)), 'NOT_FOUND')
  assert.equal(await codeOf(loadTorrent('')), 'NOT_FOUND')
})

test('a folder and a path with a NUL cannot be read', async (t) => {
  assert.equal(await codeOf(loadTorrent(makeFolder(t))), 'UNREADABLE')
  assert.equal(await codeOf(loadTorrent('a\0b')), 'UNREADABLE')
})

test('a pipe and devices are refused without waiting for them', { skip: !isPosix }, async (t) => {
  const pipe = join(makeFolder(t), 'pipe.torrent')
  execFileSync('mkfifo', [pipe])
  assert.equal(await codeOf(loadTorrent(pipe)), 'UNREADABLE')
  for (const device of ['/dev/zero', '/dev/null']) {
    assert.equal(await codeOf(loadTorrent(device)), 'UNREADABLE', device)
  }
})

test('a file that claims to be empty is read all the same', {
  skip: process.platform !== 'linux',
}, async () => {
  assert.match(Buffer.from(await loadTorrent('/proc/self/status')).toString(), /^Name:/)
})

test('the largest .torrent is loaded, one byte more is refused', async (t) => {
  const path = makeFile(t, 'large.torrent')
  truncateSync(path, LIMIT_BYTES)
  assert.equal((await loadTorrent(path)).length, LIMIT_BYTES)
  truncateSync(path, LIMIT_BYTES + 1)
  assert.equal(await codeOf(loadTorrent(path)), 'TOO_LARGE')
  truncateSync(path, 2 ** 40)
  assert.equal(await codeOf(loadTorrent(path)), 'TOO_LARGE')
  assert.equal(await codeOf(loadTorrent(new Uint8Array(LIMIT_BYTES + 1))), 'TOO_LARGE')
})

test('magnet links and info hashes are read, where no .torrent is needed', async () => {
  const hex = 'aa'.repeat(20)
  for (const source of [`magnet:?xt=urn:btih:${hex}`, `MAGNET:?xt=urn:btih:${hex}`, hex, hex.toUpperCase()]) {
    const { content: magnet, reach } = await loadSource(source)
    assert.equal(reach, 'spelled out')
    assert.ok(!(magnet instanceof Uint8Array))
    assert.equal(magnet.infoHash.hex, hex)
    assert.equal(await codeOf(loadTorrent(source)), 'UNSUPPORTED_SOURCE')
  }
  assert.equal(await codeOf(loadSource('magnet:?dn=x')), 'BAD_MAGNET')
  assert.equal(await codeOf(loadSource('bb'.repeat(32))), 'V2_ONLY')
})

test('other schemes are said to be unsupported', async () => {
  for (const source of ['ftp://127.0.0.1/x', 'http://', 'https://[', 'file://host:1/x', 'file:///a%2Fb']) {
    assert.equal(await codeOf(loadTorrent(source)), 'UNSUPPORTED_SOURCE', source)
  }
})

test('what is neither a text nor bytes is refused', async () => {
  for (const source of [undefined, 5, new URL('http://127.0.0.1/a.torrent')])
    assert.equal(await codeOf(loadTorrent(source as unknown as string)), 'UNSUPPORTED_SOURCE')
})

test('a file named like an info hash is a file', async (t) => {
  const folder = makeFolder(t)
  const before = process.cwd()
  process.chdir(folder)
  t.after(() => process.chdir(before))
  writeFileSync('ab'.repeat(20), TORRENT)
  assert.deepEqual(await loadTorrent('ab'.repeat(20)), TORRENT)
  assert.deepEqual((await loadSource('ab'.repeat(20))).content, TORRENT)
})

test('a server that fails, refuses, resets, loops or talks nonsense is a failed fetch', async (t) => {
  const urls = [
    await serveHttp(t, (_, response) => response.writeHead(500).end(TORRENT)),
    await serveHttp(t, (_, response) => response.writeHead(404).end('<html>')),
    await serveHttp(t, (_, response) => response.writeHead(302, { location: '/' }).end()),
    await serveHttp(t, (_, response) => response.writeHead(302, { location: 'file:///etc/hosts' }).end()),
    await serveHttp(t, (_, response) => response.writeHead(302).end()),
    await serveHttp(t, (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')),
    await serveSockets(t, (socket) => socket.end('garbage\r\n\r\n')),
    await serveSockets(t, (socket) => socket.once('data', () => socket.resetAndDestroy())),
    await refusedUrl(),
  ]
  for (const url of urls) assert.equal(await codeOf(loadTorrent(url)), 'FETCH_FAILED', url)
})

test('the error names the host and not the rest of the URL, which may be secret', async () => {
  const url = `${await refusedUrl()}download?passkey=secret`
  await assert.rejects(loadTorrent(url), (error: Error) => !/secret/.test(error.message))
})

test('an endless body and a bomb are too large', async (t) => {
  const endless = await serveHttp(t, (_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more)
    more()
  })
  assert.equal(await codeOf(loadTorrent(endless)), 'TOO_LARGE')
  const bomb = gzipSync(Buffer.alloc(40_000_000))
  const packed = await serveHttp(t, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  })
  assert.equal(await codeOf(loadTorrent(packed)), 'TOO_LARGE')
})

test('a server that says nothing or drips ends at the time limit', async (t) => {
  const silent = await serveSilence(t)
  assert.equal(await codeOf(loadTorrent(silent, { timeoutMs: 50 })), 'FETCH_FAILED')
  const dripping = await serveHttp(t, (_, response) => {
    const drip = setInterval(() => response.write('x'), 10)
    response.on('close', () => clearInterval(drip))
  })
  assert.equal(await codeOf(loadTorrent(dripping, { timeoutMs: 150 })), 'FETCH_FAILED')
})

test('an abort rejects with its own reason', async (t) => {
  const abort = new AbortController()
  const url = await serveSilence(t, () => abort.abort(new Error('enough')))
  await assert.rejects(loadTorrent(url, { signal: abort.signal }), { message: 'enough' })
  await assert.rejects(loadTorrent(makeFile(t, 'x'), { signal: abort.signal }), { message: 'enough' })
})

test('a URL that the user names may lead to this machine, and on within it, unless it is forbidden', async (t) => {
  const url = await serveHttp(t, (request, response) => {
    if (request.url === '/there') response.end(TORRENT)
    else response.writeHead(302, { location: `http://localhost:${new URL(url).port}/there` }).end()
  })
  assert.deepEqual(await loadSource(url), { content: TORRENT, reach: { named: '127.0.0.1' } })
  assert.deepEqual(await loadTorrent(url, { allowPrivate: true }), TORRENT)
  assert.equal(await codeOf(loadTorrent(url, { allowPrivate: false })), 'FORBIDDEN_ADDRESS')
})
