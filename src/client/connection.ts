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
import { encodeRequests } from '../wire/encode-messages.js'
import {
  decodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  type ExtensionHandshake,
} from '../wire/extension-handshake.js'
import type { ExtensionIds } from '../wire/extension-ids.js'
import { speaksExtensions, speaksFast } from '../wire/handshake.js'
import type { BlockPart, BlockRequest, Handshake, Message } from '../wire/messages.js'
import type { DhtPorts } from './dht-ports.js'
import type { ExtensionPeer, PeerExtensions } from './peer-extensions.js'
import { PeerPieces } from './peer-pieces.js'
import type { Asker } from './request-pump.js'
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
  /** Undefined when the torrent may not use the DHT. */
  readonly dhtPorts: DhtPorts | undefined
  /** The piece is selected and not on disk. */
  isMissing(index: number): boolean
  /** Throws PeerError when this peer is not to be talked to. */
  admit(connection: Connection, handshake: Handshake): void
  /** The peer's window has room, or may have. */
  refill(connection: Connection): void
  /** Blocks that it was asked for can be asked of others. */
  released(): void
  /** It has said what it is and speaks. */
  introduced(connection: Connection, said: ExtensionHandshake): void
  /** We have everything that is wanted. */
  isSeeding(): boolean
  left(connection: Connection, reason: Error): void
}

type FastMessage = Extract<
  Message,
  { readonly type: 'haveAll' | 'haveNone' | 'suggest' | 'allowedFast' | 'reject' }
>

type SessionBasics = Omit<PeerSessionOptions, 'owner'>

export class Connection implements PeerSessionOwner, ExtensionPeer, Asker {
  readonly session: PeerSession
  readonly peer: DownloadPeer
  readonly upload = new UploadPeer()
  /** 40 hex digits; undefined before the handshake. */
  peerIdHex: string | undefined
  extensionIds: ExtensionIds = new Map()
  /** Both sides speak the fast extension (BEP 6). */
  isFast = false
  /** It wants no pieces, as it says (BEP 21). */
  isUploadOnly = false
  /** Under which the peer book has it; undefined when it does not. */
  bookedAddress: PeerAddress | undefined
  readonly #host: ConnectionHost
  readonly #pieces: PeerPieces
  #speaksExtensions = false
  /** Where it accepts connections, as it says. */
  #listenPort: number | undefined
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
    this.#pieces = new PeerPieces(host, this.peer)
    this.session = new PeerSession({ ...basics, isInDht: host.dhtPorts !== undefined, owner: this })
    if (!this.session.isIncoming) this.bookedAddress = basics.address
  }

  get address(): PeerAddress {
    return this.session.address
  }

  /** Where it accepts connections; undefined when nobody knows. */
  get listenAddress(): PeerAddress | undefined {
    if (!this.session.isIncoming) return this.address
    return this.#listenPort === undefined ? undefined : { host: this.address.host, port: this.#listenPort }
  }

  get mayBeAsked(): boolean {
    return this.peer.isWilling && this.session.phase === 'open'
  }

  ask(requests: readonly BlockRequest[]): void {
    this.session.send(encodeRequests(requests))
  }

  /** Missing pieces that the peer has. */
  get missingCount(): number {
    return this.#pieces.missingCount
  }

  handshaken(session: PeerSession, handshake: Handshake): void {
    this.peerIdHex = Buffer.from(handshake.peerId).toString('hex')
    this.isFast = speaksFast(handshake)
    this.#host.admit(this, handshake)
    this.#speaksExtensions = speaksExtensions(handshake)
    if (this.#speaksExtensions) this.#introduce(session)
    this.#host.dhtPorts?.tell(session, handshake)
  }

  /** We want nothing any more (BEP 21). */
  tellUploadOnly(): void {
    if (this.session.phase === 'open' && this.#speaksExtensions) this.#introduce(this.session)
  }

  message(session: PeerSession, message: Exclude<Message, Handshake>): void {
    switch (message.type) {
      case 'block':
        return this.#takeBlock(session, message)
      case 'choke':
        return this.#takeChoke(session)
      case 'unchoke':
        return this.peer.unchoke()
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
      case 'haveAll':
      case 'haveNone':
      case 'reject':
      case 'suggest':
      case 'allowedFast':
        return this.#takeFast(session, message)
      case 'port':
        return this.#host.dhtPorts?.hear(session, message.port)
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

  /** Neither side wants anything of the other. */
  get isPointless(): boolean {
    return (this.isUploadOnly || this.peer.has.isFull) && this.#host.isSeeding()
  }

  /** What the peer has been good for so far. */
  lookAtUse(nowMs: number): PeerUse {
    const usedBytes = this.peer.usefulBytes + this.upload.uploadedBytes
    if (usedBytes > this.#usedBytes) this.#usefulMs = nowMs
    this.#usedBytes = usedBytes
    return {
      number: this.peer.number,
      isPointless: this.isPointless,
      isKeptWaiting: this.upload.queue.length > 0 && this.session.hasRoom,
      connectedMs: this.#connectedMs,
      usefulMs: this.#usefulMs,
    }
  }

  closed(_session: PeerSession, reason: Error): void {
    this.#host.scheduler.remove(this.peer)
    this.#pieces.end()
    this.#host.left(this, reason)
  }

  /** A piece is on disk. */
  pieceStored(index: PieceIndex): void {
    if (!this.peer.has.has(index)) return
    this.#pieces.missingCount--
    if (this.missingCount === 0) this.session.setInterest(false)
  }

  /** The peer has lost a piece (BEP 54). Throws PeerError UNKNOWN_PIECE. */
  pieceLost(index: number): void {
    if (!this.#pieces.lose(index)) return
    const isReleased = this.#host.scheduler.releasePiece(this.peer, index)
    this.#hasReleased ||= isReleased
    this.session.setInterest(this.missingCount > 0)
  }

  /** Says what we are and speak. */
  #introduce(session: PeerSession): void {
    session.send(this.#host.extensions.handshakeFor(this.address.host))
  }

  #takeBlock(session: PeerSession, part: BlockPart): void {
    this.#host.scheduler.accept(this.peer, part, session.heardMs)
  }

  #takeChoke(session: PeerSession): void {
    this.peer.choke(session.heardMs)
    // What it will not send, it refuses.
    if (this.isFast) return this.#host.scheduler.standBack(this.peer)
    this.#hasReleased ||= this.peer.window.outstandingCount > 0
    this.#host.scheduler.release(this.peer)
  }

  #takeHave(raw: number): void {
    if (!this.#pieces.add(raw)) return
    this.session.excuse()
    this.#piecesChanged()
  }

  #takeBitfield(bytes: Uint8Array): void {
    this.#pieces.addField(bytes)
    this.#piecesChanged()
  }

  #piecesChanged(): void {
    this.session.setInterest(this.missingCount > 0)
    this.closeIfUseless()
  }

  /** What a server has in its cache is no reason to fetch it first: suggestions are heard, and that is all. */
  #takeFast(session: PeerSession, message: FastMessage): void {
    if (!this.isFast) throw new PeerError('BAD_MESSAGE', `${message.type} without the fast extension`)
    if (message.type === 'allowedFast') return this.peer.allow(message.index)
    if (message.type === 'haveNone') return this.#pieces.addNone()
    if (message.type === 'haveAll') {
      this.#pieces.addAll()
      return this.#piecesChanged()
    }
    if (message.type !== 'reject') return
    const isReleased = this.#host.scheduler.refused(this.peer, message, session.heardMs)
    this.#hasReleased ||= isReleased
  }

  #takeExtensions(payload: Uint8Array): void {
    const said = decodeExtensionHandshake(payload, this.extensionIds)
    this.extensionIds = said.ids
    this.isUploadOnly = said.isUploadOnly ?? this.isUploadOnly
    this.#listenPort ??= said.port
    if (said.reqq !== undefined) this.peer.window.reqq = safeRequestCount(said.reqq)
    this.#host.introduced(this, said)
  }
}

/** One below what a peer claims to queue: Transmission refuses the request that fills its queue, without a word. */
function safeRequestCount(reqq: number): number {
  return Math.max(1, Math.min(reqq - 1, LIMITS.requestsPerPeer))
}
