import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPlainRequest } from '../../src/tracker-server/plain-request.js'

const line = 'GET /announce?info_hash=%01&port=1 HTTP/1.1\r\n'
const plain = `${line}Host: tracker.example:6969\r\nUser-Agent: client/1.0\r\nAccept-Encoding: gzip\r\n\r\n`

test('a plain request gives its target, where it ends, and whether it is the last', () => {
  const target = '/announce?info_hash=%01&port=1'
  assert.deepEqual(readPlainRequest(plain, 0), { target, end: plain.length, isLast: false })
  assert.deepEqual(readPlainRequest(`..${plain}GET`, 2), { target, end: plain.length + 2, isLast: false })
  const last = `${line}host:[::1]:80\r\nCONNECTION: Close\r\n\r\n`
  assert.deepEqual(readPlainRequest(last, 0), { target, end: last.length, isLast: true })
  assert.equal(
    readPlainRequest(plain.replace('announce', 'scrape'), 0)?.target,
    target.replace('announce', 'scrape'),
  )
})

test('a request that is not whole is not plain, wherever it is cut', () => {
  for (let length = 0; length < plain.length; length++) {
    assert.equal(readPlainRequest(plain.slice(0, length), 0), undefined)
  }
})

test('whatever could change how a request is framed or meant is left to a real parser', () => {
  const heads = [
    ...['Content-Length: 5', 'Transfer-Encoding: chunked', 'Upgrade: h2c', 'Expect: 100-continue'],
    ...['Connection: upgrade', 'Connection: close, te', 'X-Forwarded-For: 1.2.3.4', 'Host: other'],
    ...[
      'Host : a',
      ' folded',
      'User-Agent: a\nContent-Length: 5',
      'User-Agent: a\rb',
      'User-Agent: \0',
      'nonsense',
    ],
    ...['User-Agent: \xe9', `User-Agent: ${'a'.repeat(300)}`],
  ]
  for (const head of heads)
    assert.equal(readPlainRequest(`${line}Host: t\r\n${head}\r\n\r\n`, 0), undefined, head)
  const lines = [
    ...[
      'POST /announce?a HTTP/1.1',
      'GET /announce?a HTTP/1.0',
      'GET /announce?a  HTTP/1.1',
      'GET /other?a HTTP/1.1',
    ],
    ...[
      'GET /announce?a b HTTP/1.1',
      'GET /announce?a\n HTTP/1.1',
      'GET /announce?\xff HTTP/1.1',
      'get /announce?a HTTP/1.1',
    ],
    ...[
      'GET /announce HTTP/1.1',
      'GET http://t/announce?a HTTP/1.1',
      `GET /announce?${'a'.repeat(4_100)} HTTP/1.1`,
    ],
  ]
  for (const first of lines)
    assert.equal(readPlainRequest(`${first}\r\nHost: t\r\n\r\n`, 0), undefined, first)
  assert.equal(readPlainRequest(`${line}\r\n`, 0), undefined)
  assert.equal(readPlainRequest(`${line}Host: t\r\n${'Accept: a\r\n'.repeat(20)}\r\n`, 0), undefined)
})

test('any change to a plain request leaves it plain with its blank line at the end, or makes it none', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: plain.length - 1 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      (at, bytes) => {
        const changed = plain.slice(0, at) + bytes + plain.slice(at + 1)
        const request = readPlainRequest(changed, 0)
        if (request === undefined) return
        assert.equal(changed.slice(request.end - 4, request.end), '\r\n\r\n')
        assert.match(request.target, /^\/(announce|scrape)\?[!-~]*$/)
        assert.doesNotMatch(changed.slice(0, request.end - 4), /\r\n\r\n|[^\r]\n|\r[^\n]/)
      },
    ),
  )
})
