import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { torrentBytes } from '../metainfo/torrent-bytes.js'
import { announceQuery, percentEncoded } from './http-queries.js'
import { rawExchange, runTracker, trackerFolder } from './running-tracker.js'

const torrent = torrentBytes({ name: 'Quarterly Report.pdf' })
const infoHash = parseMetainfo(torrent).infoHash
const TOKEN = 's3cret-token'

async function runCatalogue(t: TestContext, folder = join(trackerFolder(), 'torrents')) {
  const notices: string[] = []
  const options = { catalogue: folder, writeToken: TOKEN, onNotice: (text: string) => notices.push(text) }
  const { server, url } = await runTracker(t, options)
  const call = (method: string, name: string, body?: Uint8Array, token = TOKEN) =>
    fetch(`${url}/torrents/${name}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body }),
    })
  const find = async (query: string) => {
    const response = await fetch(`${url}/torrents?query=${encodeURIComponent(query)}`)
    return ((await response.json()) as { torrents: Record<string, unknown>[] }).torrents
  }
  return { server, url, folder, notices, call, find }
}

test('what is put can be got under its name and its info hash, byte for byte', async (t) => {
  const { call, folder } = await runCatalogue(t)
  assert.equal((await call('PUT', 'report', torrent)).status, 201)
  for (const name of ['report', 'report.torrent', 'REPORT', infoHash.hex, infoHash.hex.toUpperCase()]) {
    const response = await call('GET', name)
    assert.equal(response.headers.get('content-type'), 'application/x-bittorrent')
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), torrent)
  }
  assert.deepEqual(readdirSync(folder), ['report.torrent'])
  assert.deepEqual(readFileSync(join(folder, 'report.torrent')), torrent)
})

test('a torrent is found by words of its file names, with its seeds and peers', async (t) => {
  const { call, find, url } = await runCatalogue(t)
  await call('PUT', 'q3', torrent)
  const announce = `${announceQuery(1, 5)}&info_hash=${percentEncoded(infoHash.bytes)}`
  await fetch(`${url}/announce?${announce}&left=0`)
  await fetch(`${url}/announce?${announce}&port=6`)
  const [match] = await find('REPORT quarter')
  const { name, title, seeds, peers, files } = match!
  assert.deepEqual(
    { name, title, seeds, peers, files },
    {
      name: 'q3',
      title: 'Quarterly Report.pdf',
      seeds: 1,
      peers: 2,
      files: ['Quarterly Report.pdf'],
    },
  )
  assert.equal((await find('')).length, 1)
  assert.equal((await find('report yearly')).length, 0)
})

test('putting again replaces; the same torrent under another name is refused', async (t) => {
  const { call, find } = await runCatalogue(t)
  await call('PUT', 'one', torrent)
  assert.equal((await call('PUT', 'One', torrentBytes({ name: 'other' }))).status, 200)
  assert.equal((await find(''))[0]?.title, 'other')
  assert.equal((await call('PUT', 'two', torrentBytes({ name: 'other' }))).status, 409)
  assert.equal((await call('GET', infoHash.hex)).status, 404)
})

test('what is deleted is gone, here and on disk', async (t) => {
  const { call, folder } = await runCatalogue(t)
  await call('PUT', 'one', torrent)
  assert.equal((await call('DELETE', infoHash.hex)).status, 200)
  assert.equal((await call('DELETE', 'one')).status, 404)
  assert.equal((await call('GET', 'one')).status, 404)
  assert.deepEqual(readdirSync(folder), [])
})

test('only the token may write, and nobody when there is none', async (t) => {
  const { call, url, folder } = await runCatalogue(t)
  for (const token of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
    assert.equal((await call('PUT', 'one', torrent, token)).status, 401)
    assert.equal((await call('DELETE', 'one', undefined, token)).status, 401)
  }
  assert.equal((await fetch(`${url}/torrents/one`, { method: 'PUT', body: torrent })).status, 401)
  const readOnly = await runTracker(t, { catalogue: folder })
  const headers = { Authorization: 'Bearer undefined' }
  const response = await fetch(`${readOnly.url}/torrents/one`, { method: 'PUT', body: torrent, headers })
  assert.equal(response.status, 403)
  assert.deepEqual(readdirSync(folder), [])
})

test('names that are paths or hidden are refused, whatever they are encoded as', async (t) => {
  const { server, call, folder } = await runCatalogue(t)
  for (const name of ['..%2Fevil', '%2e%2e%2fevil', '.hidden', 'a%00b', 'a%5Cb', '%ff', 'con', '', 'a/b']) {
    assert.equal((await call('PUT', name, torrent)).status, 400, name)
  }
  const fields = `Host: t\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n`
  const head = `PUT /torrents/../evil HTTP/1.1\r\n${fields}`
  const answer = await rawExchange(server.port, `${head}Content-Length: 1\r\n\r\nx`)
  assert.match(answer, /^HTTP\/1\.1 400 /)
  assert.deepEqual(readdirSync(join(folder, '..')), ['torrents'])
  assert.deepEqual(readdirSync(folder), [])
})

test('a name that is an info hash must be that of the torrent', async (t) => {
  const { call } = await runCatalogue(t)
  assert.equal((await call('PUT', 'ab'.repeat(20), torrent)).status, 400)
  assert.equal((await call('PUT', infoHash.hex, torrent)).status, 201)
})

test('what is no torrent is refused with the code of its fault', async (t) => {
  const { call, folder } = await runCatalogue(t)
  const response = await call('PUT', 'one', torrentBytes({ pieces: undefined }))
  assert.equal(response.status, 400)
  assert.equal(((await response.json()) as { error: { code: string } }).error.code, 'BAD_PIECES')
  assert.equal((await call('PUT', 'one', new Uint8Array(10_000_001))).status, 413)
  assert.deepEqual(readdirSync(folder), [])
})

test('any body is kept only when it is a torrent', async (t) => {
  const { call, folder } = await runCatalogue(t)
  const changed = fc.tuple(fc.nat({ max: torrent.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => {
    const copy = Buffer.from(torrent)
    copy[at] = byte
    return copy
  })
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 400 }), changed), async (body) => {
      const { status } = await call('PUT', 'any', body)
      assert.ok([200, 201, 400].includes(status))
      if (status === 400) return
      assert.deepEqual(readFileSync(join(folder, 'any.torrent')), Buffer.from(body))
      parseMetainfo(body)
    }),
  )
})

test('a folder of torrents is served from the start; what is none is told of and left alone', async (t) => {
  const folder = trackerFolder()
  writeFileSync(join(folder, 'good.torrent'), torrent)
  writeFileSync(join(folder, 'twin.torrent'), torrent)
  writeFileSync(join(folder, 'bad.torrent'), 'nonsense')
  writeFileSync(join(folder, 'notes.txt'), 'nonsense')
  mkdirSync(join(folder, 'folder.torrent'))
  const { find, notices } = await runCatalogue(t, folder)
  assert.equal((await find('')).length, 1)
  assert.deepEqual(notices.map((text) => /: (\S+) is left out/.exec(text)?.[1]).sort(), [
    'bad.torrent',
    'notes.txt',
    'twin.torrent',
  ])
  assert.equal(readdirSync(folder).length, 5)
})

test('what is in the catalogue is served beside an allow list', async (t) => {
  const folder = trackerFolder()
  const allowFile = join(folder, 'allow')
  writeFileSync(allowFile, '01'.repeat(20))
  mkdirSync(join(folder, 'torrents'))
  writeFileSync(join(folder, 'torrents', 'good.torrent'), torrent)
  const { url } = await runTracker(t, { catalogue: join(folder, 'torrents'), allowFile })
  const announce = async (query: string) => await (await fetch(`${url}/announce?${query}`)).text()
  assert.match(await announce(announceQuery(1, 5)), /interval/)
  assert.match(await announce(announceQuery(2, 5)), /failure reason/)
  assert.match(
    await announce(`${announceQuery(2, 5)}&info_hash=${percentEncoded(infoHash.bytes)}`),
    /interval/,
  )
})
