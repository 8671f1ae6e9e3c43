/** HTTP announces as fast as they are answered: many connections, one request at a time on each. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { infoHashHex, type LoadTarget, randomBelow, randomPort } from './tracker-load-names.js'

const CONNECTIONS = 64

/** Answers per second. A tracker that ends the connection after each answer pays for a new one. */
export async function loadHttp(target: LoadTarget): Promise<number> {
  const load = { answered: 0, isOver: false }
  const started = performance.now()
  for (let at = 0; at < CONNECTIONS; at++) announceOn(target, load)
  await sleep(target.durationMs)
  load.isOver = true
  return load.answered / ((performance.now() - started) / 1000)
}

/** What comes in one read is taken for one answer: they are small, and nothing else is under way. */
function announceOn(target: LoadTarget, load: { answered: number; isOver: boolean }): void {
  const socket = connect(target.port, target.host, () => socket.write(request(target)))
  let isAnswered = false
  socket.on('data', () => {
    load.answered++
    isAnswered = true
    if (load.isOver) socket.destroy()
    else socket.write(request(target))
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    if (!load.isOver && isAnswered) announceOn(target, load)
  })
}

function request(target: LoadTarget): string {
  const infoHash = infoHashHex(randomBelow(target.swarms)).replace(/../g, '%$&')
  const peerId = `-LD0001-${String(randomBelow(1e12)).padStart(12, '0')}`
  const query =
    `info_hash=${infoHash}&peer_id=${peerId}&port=${randomPort()}` +
    '&uploaded=0&downloaded=0&left=1000&compact=1&numwant=50&event=started'
  return `GET /announce?${query} HTTP/1.1\r\nHost: tracker\r\n\r\n`
}
