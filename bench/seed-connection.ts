/**
 * One downloader's connection to the benchmark seed (BEP 3): says that it has everything, unchokes whoever is
 * interested and answers requests in their order. Made to cost little rather than to be a good peer.
 *
 * A block is copied once, from the page cache into its place in a batch of frames; each batch is one write.
 * Invariant: the batch is rewritten only after the socket has taken the one before, and requests wait until then.
 */
import type { Socket } from 'node:net'
import { BLOCK_BYTES, type Geometry } from '../src/core/geometry.js'
import type { PayloadReader } from './payload.js'

export interface SeededTorrent {
  readonly infoHash: Buffer
  readonly geometry: Geometry
  readonly payload: PayloadReader
  /** So much later it hears what is said, as over a long distance. */
  readonly delayMs: number
}

const HANDSHAKE_BYTES = 68
const PROTOCOL = Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\0', 'latin1')
/** An extension handshake (BEP 10) that says nothing but how many requests may wait. */
const EXTENSIONS = Buffer.from('\0\0\0\x15\x14\0d1:mde4:reqqi2000ee', 'latin1')
/** Length prefix, message type, index and begin in front of each block. */
const PIECE_HEADER_BYTES = 13
const BLOCKS_PER_BATCH = 16
const MAX_QUEUED_REQUESTS = 8_192
/** Nothing that a downloader sends to a seed is longer, but for its bitfield and its extension handshake. */
const MAX_MESSAGE_BYTES = 1_048_576

const UNCHOKE = 1
const INTERESTED = 2
const BITFIELD = 5
const REQUEST = 6
const PIECE = 7
const CANCEL = 8

interface BlockRequest {
  readonly index: number
  readonly begin: number
  readonly length: number
}

export class SeedConnection {
  readonly #socket: Socket
  readonly #torrent: SeededTorrent
  readonly #requests: BlockRequest[] = []
  readonly #batch = Buffer.allocUnsafeSlow(BLOCKS_PER_BATCH * (PIECE_HEADER_BYTES + BLOCK_BYTES))
  #unread: Buffer = Buffer.alloc(0)
  #isShaken = false
  #isUnchoked = false
  #isSending = false

  constructor(socket: Socket, torrent: SeededTorrent) {
    this.#socket = socket
    this.#torrent = torrent
    socket.setNoDelay()
    socket.on('error', () => socket.destroy())
    const { delayMs } = torrent
    socket.on('data', (bytes) => {
      if (delayMs === 0) this.#receive(bytes)
      else setTimeout(() => this.#receive(bytes), delayMs)
    })
  }

  #receive(bytes: Buffer): void {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    if (!this.#isShaken && !this.#shakeHands()) return
    let offset = 0
    while (this.#unread.length >= offset + 4) {
      const length = this.#unread.readUInt32BE(offset)
      if (length > MAX_MESSAGE_BYTES) {
        this.#drop()
        return
      }
      if (this.#unread.length < offset + 4 + length) break
      if (length > 0) this.#handle(this.#unread.subarray(offset + 4, offset + 4 + length))
      offset += 4 + length
    }
    this.#unread = this.#unread.subarray(offset)
    this.#sendBatch()
  }

  /** True once the handshake is complete. */
  #shakeHands(): boolean {
    if (this.#unread.length < HANDSHAKE_BYTES) return false
    if (!this.#unread.subarray(28, 48).equals(this.#torrent.infoHash)) {
      this.#drop()
      return false
    }
    const bitfield = fullBitfield(this.#torrent.geometry.pieceCount)
    const head = Buffer.alloc(5)
    head.writeUInt32BE(1 + bitfield.length)
    head[4] = BITFIELD
    const peerId = Buffer.from(`-SB0001-${String(this.#socket.remotePort).padStart(12, '0')}`)
    this.#socket.write(Buffer.concat([PROTOCOL, this.#torrent.infoHash, peerId, head, bitfield]))
    if ((this.#unread[25]! & 0x10) !== 0) this.#socket.write(EXTENSIONS)
    this.#unread = this.#unread.subarray(HANDSHAKE_BYTES)
    this.#isShaken = true
    return true
  }

  #handle(body: Buffer): void {
    const type = body[0]
    if (type === REQUEST && body.length === 13) this.#queue(readRequest(body))
    else if (type === CANCEL && body.length === 13) this.#cancel(readRequest(body))
    else if (type === INTERESTED && !this.#isUnchoked) {
      this.#isUnchoked = true
      this.#socket.write(Buffer.of(0, 0, 0, 1, UNCHOKE))
    }
  }

  #queue(request: BlockRequest): void {
    const { index, begin, length } = request
    const piece = this.#torrent.geometry.toPieceIndex(index)
    const fits = piece !== undefined && begin + length <= this.#torrent.geometry.pieceBytes(piece)
    if (!fits || length > BLOCK_BYTES || this.#requests.length >= MAX_QUEUED_REQUESTS) this.#drop()
    else this.#requests.push(request)
  }

  #cancel(cancelled: BlockRequest): void {
    const at = this.#requests.findIndex((r) => r.index === cancelled.index && r.begin === cancelled.begin)
    if (at !== -1) this.#requests.splice(at, 1)
  }

  #sendBatch(): void {
    if (this.#isSending || this.#requests.length === 0 || this.#socket.destroyed) return
    let end = 0
    for (const request of this.#requests.splice(0, BLOCKS_PER_BATCH)) end = this.#frame(request, end)
    this.#isSending = true
    this.#socket.write(this.#batch.subarray(0, end), () => {
      this.#isSending = false
      this.#sendBatch()
    })
  }

  /** Puts one `piece` message into the batch and says where the next one goes. */
  #frame({ index, begin, length }: BlockRequest, at: number): number {
    this.#batch.writeUInt32BE(PIECE_HEADER_BYTES - 4 + length, at)
    this.#batch[at + 4] = PIECE
    this.#batch.writeUInt32BE(index, at + 5)
    this.#batch.writeUInt32BE(begin, at + 9)
    const offset = index * this.#torrent.geometry.pieceLength + begin
    this.#torrent.payload.read(offset, this.#batch, at + PIECE_HEADER_BYTES, length)
    return at + PIECE_HEADER_BYTES + length
  }

  #drop(): void {
    this.#requests.length = 0
    this.#socket.destroy()
  }
}

function readRequest(body: Buffer): BlockRequest {
  return { index: body.readUInt32BE(1), begin: body.readUInt32BE(5), length: body.readUInt32BE(9) }
}

function fullBitfield(pieceCount: number): Buffer {
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8), 0xff)
  const spareBits = bits.length * 8 - pieceCount
  if (spareBits > 0) bits[bits.length - 1] = (0xff << spareBits) & 0xff
  return bits
}
