import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { AnnounceGate } from '../../src/tracker-server/announce-gate.js'
import { HttpDesk } from '../../src/tracker-server/http-desk.js'
import { RegistryCounting } from '../../src/tracker-server/swarm-counting.js'
import { announceQuery } from './http-queries.js'
import { sampleTracker } from './sample-tracker.js'

/** A connection whose client reads only when told to. */
class SlowSocket extends Socket {
  readonly written: string[] = []
  #taken: (() => void) | undefined

  override readonly remoteAddress = '10.0.0.1'

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(bytes.toString('latin1'))
    this.#taken = done
  }

  readAnswer(): void {
    const taken = this.#taken
    this.#taken = undefined
    taken?.()
  }
}

function request(port: number, more = ''): Buffer {
  return Buffer.from(`GET /announce?${announceQuery(1, port)} HTTP/1.1\r\nHost: t\r\n${more}\r\n`)
}

function gateFor(socket: Socket) {
  const { desk, registry } = sampleTracker()
  const http = new HttpDesk(desk, new RegistryCounting(registry), false)
  /** What is read from connections that moved on. */
  const left: string[] = []
  const moveOn = (other: Socket) => other.on('data', (bytes) => left.push(String(bytes)))
  const gate = new AnnounceGate({ desk: http, moveOn, idleMs: 10_000 })
  gate.accept(socket)
  return { gate, http, left }
}

test('one who does not read its answers is not read from until it does', async () => {
  const socket = new SlowSocket({ writableHighWaterMark: 1 } as object)
  const { http } = gateFor(socket)
  socket.push(request(1))
  await setImmediate()
  assert.deepEqual([http.counts.announces, socket.isPaused()], [1, true])
  socket.push(request(2))
  await setImmediate()
  assert.equal(http.counts.announces, 1)
  socket.readAnswer()
  await setImmediate()
  assert.equal(http.counts.announces, 2)
  socket.destroy()
})

test('of hundreds of requests at once only a few are answered until the answers are read', async () => {
  const socket = new SlowSocket({ writableHighWaterMark: 1 } as object)
  const { http } = gateFor(socket)
  const requests = Array.from({ length: 40 }, (_, at) =>
    request(at + 1, at === 39 ? 'Connection: close\r\n' : ''),
  )
  socket.push(Buffer.concat(requests))
  const counts: number[] = []
  for (let round = 0; round < 3; round++) {
    await setImmediate()
    counts.push(http.counts.announces)
    socket.readAnswer()
  }
  assert.deepEqual(counts, [16, 32, 40])
  assert.equal(socket.written.join('').split('HTTP/1.1 200 OK').length - 1, 40)
  socket.destroy()
})

test('answers that take a while reach one who says at once that nothing more will come', async () => {
  for (const last of [request(40), Buffer.from('GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n')]) {
    // As those of an HTTP server are.
    const socket = new SlowSocket({ allowHalfOpen: true })
    const desk = { announce: async () => 'announced', scrape: () => '' }
    const left: string[] = []
    const moveOn = (other: Socket) => other.on('data', (bytes) => left.push(String(bytes)))
    new AnnounceGate({ desk, moveOn, idleMs: 10_000 }).accept(socket)
    socket.push(Buffer.concat([...Array.from({ length: 20 }, (_, at) => request(at + 1)), last]))
    socket.push(null)
    for (let round = 0; round < 10; round++) {
      await setImmediate()
      socket.readAnswer()
    }
    const isPlain = last.includes('announce')
    assert.equal(socket.written.join('').split('announced').length - 1, isPlain ? 21 : 20)
    assert.equal(left.join(''), isPlain ? '' : String(last))
    assert.equal(socket.writableEnded, isPlain)
    socket.destroy()
  }
})

test('a connection that moves on takes along what was not answered, and is forgotten', async () => {
  const socket = new SlowSocket()
  const { gate, http, left } = gateFor(socket)
  socket.push(Buffer.concat([request(1), Buffer.from('GET / HTTP/1.1\r\n')]))
  await setImmediate()
  assert.equal(http.counts.announces, 1)
  assert.deepEqual(left, ['GET / HTTP/1.1\r\n'])
  gate.closeAll()
  assert.equal(socket.destroyed, false)
  socket.destroy()
})

test('closing ends the connections at the gate', () => {
  const socket = new SlowSocket()
  const { gate } = gateFor(socket)
  gate.closeAll()
  assert.equal(socket.destroyed, true)
})
