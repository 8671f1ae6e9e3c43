import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { HttpError, type HttpReply, type HttpSending, httpGet } from '../../src/core/http-get.js'
import type { PrivateLeave } from '../../src/core/private-reach.js'

const mayBePrivate = async () => false

/** A web of pages: what answers at each URL. */
type Pages = Record<string, Partial<HttpReply> & { text?: string }>

function get(pages: Pages, start: string, visited: string[] = []) {
  const options = {
    send: async (url: URL, headers: Record<string, string>) => {
      visited.push(headers.authorization ? `${url.href} ${headers.authorization}` : url.href)
      const page = pages[url.href]
      assert.ok(page, `asked for ${url.href}`)
      return { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(page.text ?? '')]), ...page }
    },
    mayBePrivate,
    signal: new AbortController().signal,
    maxBodyBytes: 100,
    maxRedirects: 3,
  }
  return httpGet(new URL(start), options)
}

function redirect(location: string, statusCode = 302): Partial<HttpReply> {
  return { statusCode, headers: { location } }
}

test('redirects are followed, relative ones too', async () => {
  const visited: string[] = []
  const pages: Pages = {
    'http://a/x/1?k=v': redirect('2', 301),
    'http://a/x/2': redirect('//b/3', 307),
    'http://b/3': redirect('https://b/4', 308),
    'https://b/4': { text: 'here' },
  }
  const answer = await get(pages, 'http://a/x/1?k=v', visited)
  assert.equal(answer.body.toString(), 'here')
  assert.deepEqual(visited, Object.keys(pages))
})

test('the body of a redirect is destroyed unread', async () => {
  const body = new Readable({ read: () => assert.fail('nobody wants to read this') })
  const pages: Pages = { 'http://a/': { ...redirect('/b'), body }, 'http://a/b': { text: 'ok' } }
  await get(pages, 'http://a/')
  assert.ok(body.destroyed)
})

test('a redirect loop ends at the limit', async () => {
  const visited: string[] = []
  await assert.rejects(get({ 'http://a/': redirect('/') }, 'http://a/', visited), {
    code: 'TOO_MANY_REDIRECTS',
  })
  assert.equal(visited.length, 4)
})

test('no redirect leads to another scheme, from https to http, or nowhere', async () => {
  for (const location of ['ftp://a/', 'file:///etc/passwd', 'data:,x', 'http://a/', 'http://:::', '']) {
    const pages: Pages = { 'https://a/': { statusCode: 302, headers: location ? { location } : {} } }
    await assert.rejects(get(pages, 'https://a/'), { code: 'BAD_RESPONSE' }, location)
  }
})

test('credentials in the URL become a header for that URL only', async () => {
  const visited: string[] = []
  const pages: Pages = { 'http://me:a%20b@a/': redirect('http://b/'), 'http://b/': {} }
  await get(pages, 'http://me:a%20b@a/', visited)
  assert.deepEqual(visited, ['http://me:a%20b@a/ Basic bWU6YSBi', 'http://b/'])
})

test('credentials that are not well encoded are sent as they stand', async () => {
  const visited: string[] = []
  await get({ 'http://us%er:%@a/': {} }, 'http://us%er:%@a/', visited)
  assert.deepEqual(visited, [`http://us%er:%@a/ Basic ${Buffer.from('us%er:%').toString('base64')}`])
})

test('other statuses are answers, decompressed like any', async () => {
  const body = Readable.from([gzipSync('gone')])
  const pages: Pages = { 'http://a/': { statusCode: 410, headers: { 'content-encoding': 'gzip' }, body } }
  const { status, body: text } = await get(pages, 'http://a/')
  assert.deepEqual([status, text.toString()], [410, 'gone'])
})

test('what the transport raises is sorted into the faults that callers know', async () => {
  for (const [code, fault] of [
    ['ECONNREFUSED', 'UNREACHABLE'],
    ['ENOTFOUND', 'UNREACHABLE'],
    ['UND_ERR_SOCKET', 'UNREACHABLE'],
    ['ETIMEDOUT', 'TIMEOUT'],
    ['UND_ERR_CONNECT_TIMEOUT', 'TIMEOUT'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'BAD_RESPONSE'],
    ['UND_ERR_HEADERS_OVERFLOW', 'BAD_RESPONSE'],
  ] as const) {
    const send = () => Promise.reject(Object.assign(new Error('x'), { code }))
    const options = {
      send,
      signal: new AbortController().signal,
      maxBodyBytes: 1,
      maxRedirects: 1,
      mayBePrivate,
    }
    await assert.rejects(httpGet(new URL('http://a/'), options), (error) => {
      return error instanceof HttpError && error.code === fault
    })
  }
})

test('an abort rejects with its own reason, whatever the transport raises then', async () => {
  const abort = new AbortController()
  const send = () => {
    abort.abort(new Error('enough'))
    return Promise.reject(new Error('cut'))
  }
  const options = { send, signal: abort.signal, maxBodyBytes: 1, maxRedirects: 1, mayBePrivate }
  await assert.rejects(httpGet(new URL('http://a/'), options), { message: 'enough' })
  await assert.rejects(httpGet(new URL('http://a/'), options), { message: 'enough' })
})

test('once a host may not be private, no redirect from there may be either', async () => {
  const asked: string[] = []
  const allowed: PrivateLeave[] = []
  const hops = ['http://in/', 'http://in2/', 'http://out/', 'http://in3/']
  const options = {
    send: async (url: URL, _: unknown, { mayBePrivate }: HttpSending) => {
      allowed.push(mayBePrivate)
      const location = hops[hops.indexOf(url.href) + 1]
      const reply = { headers: {}, body: Readable.from([]) }
      return location === undefined
        ? { ...reply, statusCode: 200 }
        : { ...reply, ...redirect(location), statusCode: 302 }
    },
    mayBePrivate: async (hostname: string) => {
      asked.push(hostname)
      return hostname.startsWith('in')
    },
    signal: new AbortController().signal,
    maxBodyBytes: 1,
    maxRedirects: 3,
  }
  assert.equal((await httpGet(new URL(hops[0]!), options)).mayBePrivate, false)
  assert.deepEqual(allowed, [true, true, false, false])
  assert.deepEqual(asked, ['in', 'in2', 'out'])
})
