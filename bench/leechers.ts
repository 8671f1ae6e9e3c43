/**
 * A crowd of peers in one process, each with an address of its own, that take whatever the seed gives them and
 * throw it away: `node dist/bench/leechers.js --seed HOST:PORT --info-hash HEX --pieces N --piece-length BYTES
 * --count N --first N [--random]`. Answers each message of its parent with the bytes that each of them has got.
 */
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { BLOCK_BYTES } from '../src/core/geometry.js'
import { encodeRequests, INTERESTED } from '../src/wire/encode-messages.js'
import { FrameDecoder } from '../src/wire/frame-decoder.js'
import { encodeHandshake } from '../src/wire/handshake.js'
import { loopbackHosts, parseAddress } from './addresses.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '' },
    'info-hash': { type: 'string', default: '' },
    pieces: { type: 'string', default: '1' },
    'piece-length': { type: 'string', default: '1048576' },
    count: { type: 'string', default: '100' },
    /** The place of the first one in the crowd of all processes. */
    first: { type: 'string', default: '0' },
    /** Each block is another one, not the next. */
    random: { type: 'boolean', default: false },
  },
})

/** Requests that each has outstanding. */
const DEPTH = 32

const seed = parseAddress(values.seed)
const infoHash = Buffer.from(values['info-hash'], 'hex')
const blocksPerPiece = Number(values['piece-length']) / BLOCK_BYTES
const blockCount = Number(values.pieces) * blocksPerPiece
const first = Number(values.first)
const hosts = loopbackHosts(first + Number(values.count)).slice(first)
const received = hosts.map((host, nth) => leech(host, nth))

process.on('message', () => process.send!(received.map((bytes) => bytes())))
process.on('disconnect', () => process.exit())

/** Begins at a place of its own. Answers how many bytes have come. */
function leech(host: string, nth: number): () => number {
  const socket = connect({ host: seed.host, port: seed.port, localAddress: host, noDelay: true })
  const decoder = new FrameDecoder(1024 * 1024)
  let nextBlock = anyBlock()
  let bytesReceived = 0
  const ask = (count: number) => {
    const requests = Array.from({ length: count }, () => {
      const block = values.random ? anyBlock() : nextBlock++ % blockCount
      const index = Math.floor(block / blocksPerPiece)
      return { index, begin: (block % blocksPerPiece) * BLOCK_BYTES, length: BLOCK_BYTES }
    })
    socket.write(encodeRequests(requests))
  }
  const peerId = Buffer.from(`-LB0001-${String(first + nth).padStart(12, '0')}`)
  socket.write(Buffer.concat([encodeHandshake(infoHash, peerId), INTERESTED]))
  socket.on('data', (bytes) => {
    let endedCount = 0
    for (const message of decoder.push(bytes)) {
      if (message.type === 'unchoke') ask(DEPTH)
      if (message.type !== 'block') continue
      bytesReceived += message.bytes.length
      if (message.offset + message.bytes.length === message.length) endedCount++
    }
    if (endedCount > 0) ask(endedCount)
  })
  socket.on('error', (error) => {
    console.error(`${host}: ${error.message}`)
    process.exit(1)
  })
  return () => bytesReceived
}

function anyBlock(): number {
  return Math.floor(Math.random() * blockCount)
}
