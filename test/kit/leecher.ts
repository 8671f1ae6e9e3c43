/**
 * A peer that connects to us: it says what a test tells it, one word at a time, and keeps what it hears. What it
 * does not read stays in the socket.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { encodeCancels, encodeRequests, INTERESTED, NOT_INTERESTED } from '../../src/wire/encode-messages.js'
import { encodeHandshake } from '../../src/wire/handshake.js'
import { type BlockRequest, MESSAGE_ID } from '../../src/wire/messages.js'
import { withFastBit } from './fast-bit.js'
import { blockOf, type MadeTorrent } from './made-torrent.js'

export interface LeecherOptions {
  readonly host?: string
  /** The address that it comes from, of the same family. */
  readonly from?: string
  /** Each has its own unless told. */
  readonly peerId?: Uint8Array
  /** It speaks the fast extension (BEP 6). False. */
  readonly isFast?: boolean
}

export interface HeardMessage {
  readonly id: number
  /** Without the id. */
  readonly body: Buffer
}

export interface HeardBlock {
  readonly index: number
  readonly begin: number
  readonly bytes: Buffer
}

const HANDSHAKE_BYTES = 68
let leecherCount = 0

export class Leecher {
  /** Our side has closed the connection, or it never came about. */
  readonly closed: Promise<void>
  /** Payload bytes of all blocks so far. */
  blockBytes = 0
  #parts: Buffer[] = []
  #byteCount = 0
  #wake: () => void = () => {}

  private constructor(
    readonly torrent: MadeTorrent,
    readonly socket: Socket,
    readonly peerId: Uint8Array,
    readonly isFast: boolean,
  ) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#wake())
    socket.on('data', (bytes) => {
      this.#parts.push(bytes)
      this.#byteCount += bytes.length
      this.#wake()
    })
  }

  /** Connected, and nothing said yet. The end of the test closes it. */
  static async connect(
    t: TestContext,
    torrent: MadeTorrent,
    port: number,
    {
      host = '127.0.0.1',
      from,
      peerId = peerIdOf(`-LE0001-${++leecherCount}`),
      isFast = false,
    }: LeecherOptions = {},
  ): Promise<Leecher> {
    const socket = connect({
      host,
      port,
      noDelay: true,
      ...(from === undefined ? {} : { localAddress: from }),
    })
    t.after(() => socket.destroy())
    const leecher = new Leecher(torrent, socket, peerId, isFast)
    await once(socket, 'connect')
    return leecher
  }

  /** Handshakes exchanged. */
  static async join(
    t: TestContext,
    torrent: MadeTorrent,
    port: number,
    options: LeecherOptions = {},
  ): Promise<Leecher> {
    const leecher = await Leecher.connect(t, torrent, port, options)
    leecher.greet()
    await leecher.handshake()
    return leecher
  }

  /** Unchoked, and ready to ask. */
  static async unchoked(
    t: TestContext,
    torrent: MadeTorrent,
    port: number,
    options: LeecherOptions = {},
  ): Promise<Leecher> {
    const leecher = await Leecher.join(t, torrent, port, options)
    leecher.send(INTERESTED)
    await leecher.until(MESSAGE_ID.unchoke)
    return leecher
  }

  send(...parts: readonly Uint8Array[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(parts))
  }

  greet(infoHash: Uint8Array = this.torrent.metainfo.infoHash.bytes): void {
    this.send(withFastBit(encodeHandshake(infoHash, this.peerId), this.isFast))
  }

  interested(): void {
    this.send(INTERESTED)
  }

  notInterested(): void {
    this.send(NOT_INTERESTED)
  }

  request(...requests: readonly BlockRequest[]): void {
    this.send(encodeRequests(requests))
  }

  cancel(...requests: readonly BlockRequest[]): void {
    this.send(encodeCancels(requests))
  }

  /** Rejects when the connection ends first. */
  handshake(): Promise<Buffer> {
    return this.#take(HANDSHAKE_BYTES)
  }

  /** The next message that is no keep-alive. */
  async next(): Promise<HeardMessage> {
    for (;;) {
      const length = (await this.#take(4)).readUInt32BE()
      if (length === 0) continue
      const body = await this.#take(length)
      if (body[0] === MESSAGE_ID.block) this.blockBytes += length - 9
      return { id: body[0]!, body: body.subarray(1) }
    }
  }

  /** The next message with this id; those before it are passed over. */
  async until(id: number): Promise<Buffer> {
    for (;;) {
      const message = await this.next()
      if (message.id === id) return message.body
    }
  }

  async block(): Promise<HeardBlock> {
    const body = await this.until(MESSAGE_ID.block)
    return { index: body.readUInt32BE(0), begin: body.readUInt32BE(4), bytes: body.subarray(8) }
  }

  /** Asks for all of these at once, and throws unless they come in this order with the right bytes. */
  async fetch(requests: readonly BlockRequest[]): Promise<void> {
    this.request(...requests)
    for (const request of requests) await this.expect(request)
  }

  async expect(request: BlockRequest): Promise<void> {
    const { index, begin, bytes } = await this.block()
    const isRight =
      index === request.index && begin === request.begin && bytes.equals(blockOf(this.torrent, request))
    if (!isRight) {
      throw new Error(
        `${bytes.length} bytes at ${begin} of ${index} in the place of ${JSON.stringify(request)}`,
      )
    }
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#byteCount < length) {
      if (this.socket.destroyed) throw new Error('the connection has ended')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const all = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = all.length === length ? [] : [all.subarray(length)]
    this.#byteCount -= length
    return all.subarray(0, length)
  }
}

/** 20 bytes that begin like this. */
export function peerIdOf(name: string): Uint8Array {
  return Buffer.from(name.padEnd(20, '-').slice(0, 20), 'latin1')
}

/** Every block of the torrent in order, as programs ask for them. */
export function allBlocks({ metainfo }: MadeTorrent): BlockRequest[] {
  const { geometry } = metainfo
  const requests: BlockRequest[] = []
  for (let index = 0; index < geometry.pieceCount; index++) {
    const piece = geometry.toPieceIndex(index)!
    for (let begin = 0; begin < geometry.pieceBytes(piece); begin += 16_384) {
      requests.push({ index, begin, length: geometry.blockBytes(piece, begin) })
    }
  }
  return requests
}
