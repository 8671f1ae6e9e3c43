/**
 * Serves what peers ask for, out of verified pieces: whom, the choker decides; how fast, the rate limits and
 * each peer's own socket. A peer that reads slowly has one image in its socket and its requests in a bounded
 * queue, and no more.
 */
import { LIMITS } from '../config.js'
import type { Clock, Random } from '../core/clock.js'
import { PeerError } from '../core/errors.js'
import { BLOCK_BYTES, type Geometry } from '../core/geometry.js'
import { ipBytes } from '../core/ip-bytes.js'
import type { TokenBucket } from '../core/token-bucket.js'
import { BLOCKS_PER_READ } from '../storage/piece-tasks.js'
import { ALLOWED_COUNT, allowedFastSet } from '../swarm/allowed-fast.js'
import { chooseUnchoked } from '../swarm/choker.js'
import { CHOKE, encodeAllowedFast, encodeRejects, UNCHOKE } from '../wire/encode-messages.js'
import type { BlockRequest } from '../wire/messages.js'
import type { BlockImages } from './block-images.js'
import { copyBlocks, isWholeBlock, viewBlocks } from './block-messages.js'
import type { Connection } from './connection.js'
import type { OfferedPieces } from './offered-pieces.js'

/** How often the choker decides anew (BEP 3). */
const ROUND_MS = 10_000
/** BEP 3 asks for 16 KiB; some programs have always asked for more, up to this. */
const MOST_REQUEST_BYTES = 128 * 1024

/** What the uploader asks of its torrent, and tells it. */
export interface UploaderHost {
  readonly geometry: Geometry
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  connections(): Iterable<Connection>
  /** Nothing is missing any more. */
  isSeeding(): boolean
  /** Our own disk failed while reading. */
  failed(error: Error): void
}

export interface UploaderParts {
  readonly host: UploaderHost
  readonly offered: OfferedPieces
  readonly images: BlockImages
  /** All of them must have tokens: the client's and the torrent's own. */
  readonly buckets: readonly TokenBucket[]
  /** How many peers may be unchoked, while downloading and while seeding. */
  readonly slots: { readonly downloading: number; readonly seeding: number }
  readonly clock: Clock
  readonly random: Random
}

export class Uploader {
  readonly #parts: UploaderParts
  readonly #host: UploaderHost
  #uploadedBytes = 0
  #roundMs = Number.NEGATIVE_INFINITY
  /** Peers that the rate limits hold back, the longest waiting first. */
  readonly #throttled = new Set<Connection>()

  constructor(parts: UploaderParts) {
    this.#parts = parts
    this.#host = parts.host
  }

  /** What may be asked for. */
  get offered(): OfferedPieces {
    return this.#parts.offered
  }

  /** Payload bytes sent to all peers. */
  get uploadedBytes(): number {
    return this.#uploadedBytes
  }

  /** A free place goes to a peer at once; a full house waits for the next round. */
  interested(connection: Connection): void {
    if (!connection.upload.amChoking) return
    if (this.#unchokedCount() < this.#slots()) this.#unchoke(connection)
    else this.#allowFast(connection)
  }

  notInterested(connection: Connection): void {
    if (!connection.upload.amChoking) this.#choke(connection)
  }

  /** Throws PeerError when the request makes no sense. What cannot be served is refused, or dropped (BEP 3). */
  requested(connection: Connection, request: BlockRequest): void {
    const { geometry } = this.#host
    const index = geometry.toPieceIndex(request.index)
    if (index === undefined) throw new PeerError('UNKNOWN_PIECE', `a request for piece ${request.index}`)
    const { begin, length } = request
    if (length < 1 || length > MOST_REQUEST_BYTES || begin + length > geometry.pieceBytes(index)) {
      throw new PeerError('BAD_MESSAGE', `a request for ${length} bytes at ${begin} of piece ${index}`)
    }
    const { upload } = connection
    const mayAsk = this.offered.includes(index) && (!upload.amChoking || upload.takeAllowed(request))
    if (!mayAsk || !upload.queue.push(request)) refuse(connection, [request])
  }

  cancelled(connection: Connection, request: BlockRequest): void {
    if (connection.upload.queue.cancel(request)) refuse(connection, [request])
  }

  /** Sends as much as the socket and the rate limits take now. */
  pump(connection: Connection): void {
    // Nobody gets ahead of those that the rate limits hold back.
    if (this.#throttled.size > 0) return void this.#throttled.add(connection)
    while (this.#sendNext(connection)) {}
  }

  /** The periodic pass: choker, rates, and what rate limits held back. */
  tick(nowMs: number): void {
    for (const { upload, peer } of this.#host.connections()) {
      upload.uploadRate.look(upload.uploadedBytes, nowMs)
      upload.downloadRate.look(peer.usefulBytes, nowMs)
    }
    if (nowMs - this.#roundMs >= ROUND_MS) this.#holdRound(nowMs)
    this.pumpThrottled()
  }

  /** What a rate limit held back: one write for each peer in turn, as long as there are tokens. */
  pumpThrottled(): void {
    for (const connection of this.#throttled) {
      if (this.#allowedBytes() < BLOCK_BYTES) return
      this.#throttled.delete(connection)
      if (this.#sendNext(connection)) this.#throttled.add(connection)
    }
  }

  /** Nobody is connected, and for a while nobody will be: memory is let go. */
  rest(): void {
    this.#throttled.clear()
    this.#parts.images.clear()
  }

  #holdRound(nowMs: number): void {
    this.#roundMs = nowMs
    const isSeeding = this.#host.isSeeding()
    const connections = [...this.#host.connections()]
    const candidates = connections
      .filter(({ session }) => session.phase === 'open' && session.peerInterested)
      .map(({ peer, upload }) => ({
        number: peer.number,
        bytesPerSecond: (isSeeding ? upload.uploadRate : upload.downloadRate).perSecond,
        unchokedMs: upload.unchokedMs,
        isUnchoked: !upload.amChoking,
      }))
    const chosen = chooseUnchoked({
      candidates,
      slots: this.#slots(),
      isSeeding,
      nowMs,
      random: this.#parts.random,
    })
    for (const connection of connections) {
      const isChosen = chosen.has(connection.peer.number)
      if (isChosen && connection.upload.amChoking) this.#unchoke(connection)
      else if (!isChosen && !connection.upload.amChoking) this.#choke(connection)
    }
  }

  #slots(): number {
    const { downloading, seeding } = this.#parts.slots
    return this.#host.isSeeding() ? seeding : downloading
  }

  #unchokedCount(): number {
    let count = 0
    for (const { upload } of this.#host.connections()) if (!upload.amChoking) count++
    return count
  }

  #unchoke(connection: Connection): void {
    connection.upload.amChoking = false
    connection.upload.unchokedMs = this.#parts.clock.now()
    connection.session.send(UNCHOKE)
  }

  #choke(connection: Connection): void {
    connection.upload.amChoking = true
    connection.session.send(CHOKE)
    const { upload } = connection
    refuse(
      connection,
      upload.queue.keepOnly((request) => upload.takeAllowed(request)),
    )
  }

  /** A newcomer that has to wait gets a few pieces all the same, each twice, so that it has something to trade. */
  #allowFast({ isFast, upload, peer, session, address }: Connection): void {
    const ip = ipBytes(address.host)
    if (!isFast || ip === undefined || upload.hasAllowance || peer.has.count >= ALLOWED_COUNT) return
    const { geometry, infoHash } = this.#host
    const mostCount = Math.max(1, Math.floor(LIMITS.allowedFastBytes / geometry.pieceLength))
    const count = Math.min(ALLOWED_COUNT, mostCount)
    const allowed = allowedFastSet({ ip, infoHash, pieceCount: geometry.pieceCount }, count)
    const offered = allowed.filter((index) => this.offered.includes(index) && !peer.has.has(index))
    if (offered.length === 0) return
    for (const index of offered) upload.allow(index, 2 * geometry.pieceLength)
    session.send(encodeAllowedFast(offered))
  }

  #allowedBytes(): number {
    const nowMs = this.#parts.clock.now()
    return Math.min(...this.#parts.buckets.map((bucket) => bucket.available(nowMs)))
  }

  /** One write. False when there is nothing to send, or it has to wait for the socket, the disk or the limits. */
  #sendNext(connection: Connection): boolean {
    const { upload, session } = connection
    const request = upload.queue.peek()
    if (request === undefined || !session.hasRoom || upload.isReading) return false
    const mostBytes = this.#allowedBytes()
    if (mostBytes < BLOCK_BYTES) {
      this.#throttled.add(connection)
      return false
    }
    const isHere = this.#parts.images.hold(request)
    if (isHere) this.#send(connection, request, mostBytes)
    else this.#read(connection)
    return isHere
  }

  #read(connection: Connection): void {
    const { upload } = connection
    upload.isReading = true
    this.#parts.images
      .load(upload.queue.first(BLOCKS_PER_READ), this.#unchokedCount())
      .then(() => {
        upload.isReading = false
        // It has its turn now: the wait for the disk is not to cost it another one for the limits.
        if (this.#sendNext(connection)) this.pump(connection)
      })
      .catch((error: Error) => this.#host.failed(error))
  }

  /** Sends the first request of the queue, and those that its image holds right behind it. */
  #send({ upload, session }: Connection, request: BlockRequest, allowedBytes: number): void {
    const { images } = this.#parts
    const mostBytes = Math.min(allowedBytes, session.mostBlockBytes)
    const { bytes, payloadBytes, image } = isWholeBlock(this.#host.geometry, request)
      ? viewBlocks(images, upload.queue, Math.floor(mostBytes / BLOCK_BYTES))
      : copyBlocks(images, upload.queue)
    upload.uploadedBytes += payloadBytes
    this.#uploadedBytes += payloadBytes
    for (const bucket of this.#parts.buckets) bucket.take(payloadBytes)
    if (image !== undefined) images.shelf.pin(image)
    session.sendBlocks(bytes, () => {
      if (image !== undefined) images.shelf.unpin(image)
    })
  }
}

/** Whoever speaks the fast extension is told what it will not get (BEP 6). */
function refuse({ isFast, session }: Connection, requests: readonly BlockRequest[]): void {
  if (isFast && requests.length > 0) session.send(encodeRejects(requests))
}
