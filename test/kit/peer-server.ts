/** Both ends of a session under test: a bare TCP server on 127.0.0.1, and an owner that keeps what comes. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { type ConnectionOrigin, PeerSession, type PeerSessionOwner } from '../../src/peer/peer-session.js'
import type { Handshake, Message } from '../../src/wire/messages.js'
import { HandClock } from './hand-clock.js'
import { Inbox } from './inbox.js'

export const INFO_HASH = new Uint8Array(20).fill(0x11)
export const PEER_ID = new Uint8Array(20).fill(0x33)

export interface PeerServer {
  readonly address: PeerAddress
  /** Connections in the order in which they came. */
  readonly sockets: Inbox<Socket>
}

/** Closed, with its connections, at the end of the test. */
export async function servePeer(t: TestContext): Promise<PeerServer> {
  const sockets = new Inbox<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    sockets.put(socket)
  })
  t.after(() => {
    server.close()
    for (const socket of sockets.all) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, sockets }
}

/** Keeps what a session says, with a copy of a block's bytes, in the order in which it came. */
export class RecordingOwner implements PeerSessionOwner {
  /** `handshake`, the type of a message, `readDone` or `closed`. */
  readonly events: string[] = []
  readonly handshakes = new Inbox<Handshake>()
  readonly messages = new Inbox<Exclude<Message, Handshake>>()
  readonly closings = new Inbox<Error>()
  /** Called before a message is kept: the place to throw, or to close the session. */
  onMessage: (session: PeerSession, message: Message) => void = () => {}

  handshaken(session: PeerSession, handshake: Handshake): void {
    this.events.push('handshake')
    this.handshakes.put(handshake)
    this.onMessage(session, handshake)
  }

  message(session: PeerSession, message: Exclude<Message, Handshake>): void {
    this.events.push(message.type)
    const kept = message.type === 'block' ? { ...message, bytes: Uint8Array.from(message.bytes) } : message
    this.messages.put(kept)
    this.onMessage(session, message)
  }

  readDone(): void {
    this.events.push('readDone')
  }

  writable(): void {}

  closed(_session: PeerSession, error: Error): void {
    this.events.push('closed')
    this.closings.put(error)
  }
}

export interface DialledSession {
  readonly session: PeerSession
  readonly owner: RecordingOwner
  readonly clock: HandClock
}

/** A session that dials; the end of the test closes it. */
export function dialSession(
  t: TestContext,
  address: PeerAddress,
  origin: ConnectionOrigin = {},
): DialledSession {
  const owner = new RecordingOwner()
  const clock = new HandClock()
  const session = new PeerSession({ address, infoHash: INFO_HASH, peerId: PEER_ID, clock, owner, ...origin })
  t.after(() => session.close(new Error('the test is over')))
  return { session, owner, clock }
}

/** Exactly so many bytes off a socket. */
export async function read(socket: Socket, length: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let missing = length
  while (missing > 0) {
    const bytes = socket.read() as Buffer | null
    if (bytes === null) {
      await new Promise((resolve) => socket.once('readable', resolve))
      continue
    }
    parts.push(bytes.subarray(0, missing))
    if (bytes.length > missing) socket.unshift(bytes.subarray(missing))
    missing -= parts.at(-1)!.length
  }
  return Buffer.concat(parts)
}
