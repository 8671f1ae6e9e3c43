/**
 * Peers that do what a test tells them, over real sockets on 127.0.0.0/8. Without a script one is a good seed:
 * it has everything, unchokes whoever is interested and answers every request at once. A script replaces any
 * of its answers. What it was asked for is written down.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { CHOKE, encodeBitfield, encodeHaves, UNCHOKE } from '../../src/wire/encode-messages.js'
import { encodeHandshake } from '../../src/wire/handshake.js'
import { type BlockRequest, MESSAGE_ID } from '../../src/wire/messages.js'
import { withFastBit } from './fast-bit.js'
import { blockOf, type MadeTorrent } from './made-torrent.js'

/** What a peer does in place of what a good seed would do. */
export interface PeerScript {
  /** It speaks the fast extension (BEP 6). False. */
  readonly isFast?: boolean
  /** The connection is there, nothing has been read. Good seeds wait. */
  connected?(link: PeerLink): void
  /** The handshake has come. Good seeds answer it and say that they have everything. */
  greeted?(link: PeerLink): void
  /** Good seeds unchoke. */
  interested?(link: PeerLink): void
  /** Good seeds send the block. */
  requested?(link: PeerLink, request: BlockRequest): void
  /** An extension message. Good seeds ignore them. */
  extended?(link: PeerLink, id: number, payload: Uint8Array): void
}

export interface ScriptedPeerOptions {
  readonly script?: PeerScript
  /** The last number of its address in 127.0.0.0/24. */
  readonly host?: number
  /** 20 characters; each peer has its own unless told. */
  readonly peerId?: string
}

let peerCount = 0

export class ScriptedPeer {
  /** In the order of arrival, over all connections. */
  readonly requests: BlockRequest[] = []
  readonly cancels: BlockRequest[] = []
  readonly links: PeerLink[] = []
  readonly peerId: Buffer
  #address: PeerAddress | undefined

  private constructor(
    readonly torrent: MadeTorrent,
    readonly script: PeerScript,
    peerId: string,
  ) {
    this.peerId = Buffer.from(peerId.padEnd(20, '-').slice(0, 20))
  }

  /** Listens until the test ends. */
  static async listen(
    t: TestContext,
    torrent: MadeTorrent,
    { script = {}, host = 1, peerId = `-SC0001-${++peerCount}` }: ScriptedPeerOptions = {},
  ): Promise<ScriptedPeer> {
    const peer = new ScriptedPeer(torrent, script, peerId)
    const server = createServer({ noDelay: true }, (socket) => peer.links.push(new PeerLink(peer, socket)))
    t.after(() => {
      server.close()
      for (const link of peer.links) link.vanish()
    })
    server.listen(0, `127.0.0.${host}`)
    await once(server, 'listening')
    const { address, port } = server.address() as AddressInfo
    peer.#address = { host: address, port }
    return peer
  }

  get address(): PeerAddress {
    return this.#address!
  }

  /** `host:port`, as notices name it. */
  get name(): string {
    return `${this.address.host}:${this.address.port}`
  }

  get openLinkCount(): number {
    return this.links.filter(({ socket }) => !socket.destroyed).length
  }

  /** Bytes that were asked for. */
  get requestedBytes(): number {
    return this.requests.reduce((sum, { length }) => sum + length, 0)
  }
}

/** As many peers of the same manner as wanted, each with an address of its own. */
export function listenMany(
  t: TestContext,
  torrent: MadeTorrent,
  count: number,
  script: PeerScript = {},
): Promise<ScriptedPeer[]> {
  const hosts = Array.from({ length: count }, (_, nth) => 1 + (nth % 250))
  return Promise.all(hosts.map((host) => ScriptedPeer.listen(t, torrent, { script, host })))
}

/** The peer's end of one connection. */
export class PeerLink {
  /** Requests of this connection. */
  readonly requests: BlockRequest[] = []
  blocksSent = 0
  #unread: Buffer = Buffer.alloc(0)
  #isGreeted = false

  constructor(
    readonly peer: ScriptedPeer,
    readonly socket: Socket,
  ) {
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => this.#receive(bytes))
    peer.script.connected?.(this)
  }

  send(...parts: readonly Uint8Array[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(parts))
  }

  greet(infoHash = this.peer.torrent.metainfo.infoHash.bytes, peerId: Uint8Array = this.peer.peerId): void {
    this.send(withFastBit(encodeHandshake(infoHash, peerId), this.peer.script.isFast ?? false))
  }

  /** Says which pieces it has: all, or these. */
  offer(pieces?: readonly number[]): void {
    if (pieces === undefined) this.send(fullBitfield(this.peer.torrent))
    else this.send(encodeHaves(pieces))
  }

  choke(): void {
    this.send(CHOKE)
  }

  unchoke(): void {
    this.send(UNCHOKE)
  }

  /** Answers a request, with these bytes or with the right ones. */
  sendBlock(request: BlockRequest, bytes: Uint8Array = blockOf(this.peer.torrent, request)): void {
    this.blocksSent++
    this.send(blockHead(request, bytes.length), bytes)
  }

  /** Without a word of farewell. */
  vanish(): void {
    this.socket.destroy()
  }

  #receive(bytes: Buffer): void {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    if (!this.#isGreeted) {
      if (this.#unread.length < 68) return
      this.#isGreeted = true
      this.#unread = this.#unread.subarray(68)
      if (this.peer.script.greeted) this.peer.script.greeted(this)
      else this.#welcome()
    }
    while (this.#unread.length >= 4 && this.#unread.length >= 4 + this.#unread.readUInt32BE(0)) {
      const end = 4 + this.#unread.readUInt32BE(0)
      const body = this.#unread.subarray(4, end)
      this.#unread = this.#unread.subarray(end)
      if (body.length > 0) this.#hear(body)
    }
  }

  #welcome(): void {
    this.greet()
    this.offer()
  }

  #hear(body: Buffer): void {
    const { script } = this.peer
    if (body[0] === MESSAGE_ID.interested) {
      if (script.interested) script.interested(this)
      else this.unchoke()
    } else if (body[0] === MESSAGE_ID.request) {
      const request = readRequest(body)
      this.requests.push(request)
      this.peer.requests.push(request)
      if (script.requested) script.requested(this, request)
      else this.sendBlock(request)
    } else if (body[0] === MESSAGE_ID.cancel) this.peer.cancels.push(readRequest(body))
    else if (body[0] === MESSAGE_ID.extended) script.extended?.(this, body[1]!, body.subarray(2))
  }
}

/** Everything of a block message that comes before its bytes. */
export function blockHead({ index, begin }: { index: number; begin: number }, length: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(9 + length, 0)
  head[4] = MESSAGE_ID.block
  head.writeUInt32BE(index, 5)
  head.writeUInt32BE(begin, 9)
  return head
}

/** The bitfield message of a peer that has everything. */
export function fullBitfield({ metainfo }: MadeTorrent): Buffer {
  const { pieceCount } = metainfo.geometry
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8), 0xff)
  const spareBits = bits.length * 8 - pieceCount
  bits[bits.length - 1]! &= 0xff << spareBits
  return encodeBitfield(bits)
}

function readRequest(body: Buffer): BlockRequest {
  return { index: body.readUInt32BE(1), begin: body.readUInt32BE(5), length: body.readUInt32BE(9) }
}
