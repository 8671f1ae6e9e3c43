/**
 * One peer of one torrent: turns what its session hears into changes of the picker, the scheduler and the
 * peer's own state. Everything here is synchronous; a PeerError that is thrown ends the session.
 */
import { LIMITS } from '../config.js'
import { Bitfield } from '../core/bitfield.js'
import { PeerError } from '../core/errors.js'
import type { PieceIndex } from '../core/geometry.js'
import type { PeerAddress } from '../core/peer-address.js'
import { PeerSession, type PeerSessionOptions, type PeerSessionOwner } from '../peer/peer-session.js'
import type { BlockScheduler } from '../swarm/block-scheduler.js'
import { DownloadPeer } from '../swarm/download-peer.js'
import type { PiecePicker } from '../swarm/piece-picker.js'
import { RequestWindow } from '../swarm/request-window.js'
import type { PeerUse } from '../swarm/useless-peer.js'
import { decodeExtensionHandshake, EXTENSION_HANDSHAKE_ID } from '../wire/extension-handshake.js'
import type { ExtensionIds } from '../wire/extension-ids.js'
import { speaksExtensions } from '../wire/handshake.js'
import type { BlockPart, Handshake, Message } from '../wire/messages.js'
import type { ExtensionPeer, PeerExtensions } from './peer-extensions.js'
import { UploadPeer } from './upload-peer.js'
import type { Uploader } from './uploader.js'

/** What a connection asks of its torrent's swarm, and tells it. */
export interface ConnectionHost {
  readonly pieceCount: number
  readonly scheduler: BlockScheduler
  readonly picker: PiecePicker
  /** Undefined when we have nothing to give. */
  readonly uploader: Uploader | undefined
  readonly extensions: PeerExtensions
  /** The piece is selected and not on disk. */
  isMissing(index: number): boolean
  /** Throws PeerError when this peer is not to be talked to. */
  admit(connection: Connection, handshake: Handshake): void
  /** The peer's window has room, or may have. */
  refill(connection: Connection): void
  /** Blocks that it was asked for can be asked of others. */
  released(): void
  /** We have everything that is wanted. */
  isSeeding(): boolean
  left(connection: Connection, reason: Error): void
}

type SessionBasics = Omit<PeerSessionOptions, 'owner'>

export class Connection implements PeerSessionOwner, ExtensionPeer {
  readonly session: PeerSession
  readonly peer: DownloadPeer
  readonly upload = new UploadPeer()
  /** 40 hex digits; undefined before the handshake. */
  peerIdHex: string | undefined
  extensionIds: ExtensionIds = new Map()
  /** Missing pieces that the peer has. */
  missingCount = 0
  readonly #host: ConnectionHost
  /** Its pieces count in the picker's availability: it did not have everything from the start. */
  #isCounted = true
  #hasSaidPieces = false
  /** Blocks that it was asked for can be asked of others. */
  #hasReleased = false
  readonly #connectedMs: number
  /** Bytes that it had brought and taken when that was looked at last, and when they last had grown. */
  #usedBytes = 0
  #usefulMs = Number.NEGATIVE_INFINITY

  constructor(number: number, host: ConnectionHost, basics: SessionBasics) {
    this.#host = host
    this.#connectedMs = basics.clock.now()
    const limits = {
      reqq: LIMITS.requestsWithoutReqq,
      requestMinMs: LIMITS.requestMinMs,
      requestMaxMs: LIMITS.requestMaxMs,
    }
    const window = new RequestWindow(limits, this.#connectedMs)
    this.peer = new DownloadPeer(number, new Bitfield(host.pieceCount), window)
    this.session = new PeerSession({ ...basics, owner: this })
  }

  get address(): PeerAddress {
    return this.session.address
  }

  handshaken(session: PeerSession, handshake: Handshake): void {
    this.peerIdHex = Buffer.from(handshake.peerId).toString('hex')
    this.#host.admit(this, handshake)
    if (speaksExtensions(handshake)) session.send(this.#host.extensions.handshake)
  }

  message(session: PeerSession, message: Exclude<Message, Handshake>): void {
    switch (message.type) {
      case 'block':
        return this.#takeBlock(session, message)
      case 'choke':
        this.peer.isChoking = true
        this.#hasReleased ||= this.peer.window.outstandingCount > 0
        return this.#host.scheduler.release(this.peer)
      case 'unchoke':
        this.peer.isChoking = false
        return
      case 'have':
        return this.#takeHave(message.index)
      case 'bitfield':
        return this.#takeBitfield(message.bytes)
      case 'interested':
        return this.#host.uploader?.interested(this)
      case 'notInterested':
        return this.#host.uploader?.notInterested(this)
      case 'request':
        return this.#host.uploader?.requested(this, message)
      case 'cancel':
        return this.#host.uploader?.cancelled(this, message)
      case 'extended':
        if (message.id === EXTENSION_HANDSHAKE_ID) return this.#takeExtensions(message.payload)
        return this.#host.extensions.hear(this, message.id, message.payload)
      default:
        return
    }
  }

  /** Requests follow here and not from messages, of which one read may hold a hundred thousand. */
  readDone(): void {
    if (this.#hasReleased) this.#host.released()
    else if (this.peer.window.wantsRefill) this.#host.refill(this)
    this.#hasReleased = false
    this.#host.uploader?.pump(this)
  }

  writable(): void {
    this.#host.uploader?.pump(this)
  }

  /** We have everything, and so has the peer. */
  closeIfUseless(): void {
    if (this.session.phase !== 'open' || !this.peer.has.isFull || !this.#host.isSeeding()) return
    this.session.close(new PeerError('USELESS', 'both of us have everything'))
  }

  /** What the peer has been good for so far. */
  lookAtUse(nowMs: number): PeerUse {
    const usedBytes = this.peer.usefulBytes + this.upload.uploadedBytes
    if (usedBytes > this.#usedBytes) this.#usefulMs = nowMs
    this.#usedBytes = usedBytes
    return { number: this.peer.number, connectedMs: this.#connectedMs, usefulMs: this.#usefulMs }
  }

  closed(_session: PeerSession, reason: Error): void {
    this.#host.scheduler.remove(this.peer)
    if (this.#isCounted) this.#eachPiece((index) => this.#host.picker.peerLost(index))
    this.#host.left(this, reason)
  }

  /** A piece is on disk. */
  pieceStored(index: PieceIndex): void {
    if (!this.peer.has.has(index)) return
    this.missingCount--
    if (this.missingCount === 0) this.session.setInterest(false)
  }

  #takeBlock(session: PeerSession, part: BlockPart): void {
    this.#host.scheduler.accept(this.peer, part, session.heardMs)
  }

  #takeHave(raw: number): void {
    const index = raw < this.#host.pieceCount ? (raw as PieceIndex) : undefined
    if (index === undefined) throw new PeerError('UNKNOWN_PIECE', `have of piece ${raw}`)
    this.#hasSaidPieces = true
    if (!this.peer.has.set(index)) return
    this.session.excuse()
    if (this.#isCounted) this.#host.picker.peerHas(index)
    if (!this.#host.isMissing(index)) return this.closeIfUseless()
    this.missingCount++
    this.peer.idleAtVersion = -1
    this.session.setInterest(true)
  }

  #takeBitfield(bytes: Uint8Array): void {
    const field = Bitfield.fromWire(bytes, this.#host.pieceCount)
    if (field === undefined) throw new PeerError('BAD_MESSAGE', 'a bitfield of the wrong size')
    if (this.#hasSaidPieces) return this.#addPieces(field)
    this.#hasSaidPieces = true
    this.#isCounted = !field.isFull
    this.peer.has.assign(field)
    this.#eachPiece((index) => {
      if (this.#isCounted) this.#host.picker.peerHas(index)
      if (this.#host.isMissing(index)) this.missingCount++
    })
    this.peer.idleAtVersion = -1
    this.session.setInterest(this.missingCount > 0)
    this.closeIfUseless()
  }

  /** aria2 sends a bitfield in the place of many `have`. What had been said before stays true. */
  #addPieces(field: Bitfield): void {
    for (let at = 0; at < field.bytes.length; at++) {
      const news = field.bytes[at]! & ~this.peer.has.bytes[at]!
      for (let bit = 0; news !== 0 && bit < 8; bit++) {
        if ((news & (0x80 >> bit)) !== 0) this.#takeHave(8 * at + bit)
      }
    }
  }

  #takeExtensions(payload: Uint8Array): void {
    const { reqq, ids } = decodeExtensionHandshake(payload)
    this.extensionIds = ids
    if (reqq !== undefined) this.peer.window.reqq = safeRequestCount(reqq)
  }

  #eachPiece(visit: (index: PieceIndex) => void): void {
    for (let index = 0; index < this.#host.pieceCount; index++) {
      if (this.peer.has.has(index)) visit(index as PieceIndex)
    }
  }
}

/** One below what a peer claims to queue: Transmission refuses the request that fills its queue, without a word. */
function safeRequestCount(reqq: number): number {
  return Math.max(1, Math.min(reqq - 1, LIMITS.requestsPerPeer))
}
