/**
 * The PORT messages of BEP 5: each peer that has a node in the DHT is told where ours is, and says where its own is.
 * For torrents that may use the DHT only.
 */
import { isIPv4 } from 'node:net'
import type { PeerSession } from '../peer/peer-session.js'
import { encodePort } from '../wire/encode-messages.js'
import { hasDht } from '../wire/handshake.js'
import type { Handshake } from '../wire/messages.js'
import type { DhtDesk } from './dht-desk.js'

export class DhtPorts {
  readonly #desk: DhtDesk
  /** A peer has one node: whatever else it names, it names for others. */
  readonly #heard = new WeakSet<PeerSession>()

  constructor(desk: DhtDesk) {
    this.#desk = desk
  }

  /** The peer has shaken hands. */
  tell(session: PeerSession, handshake: Handshake): void {
    const { port } = this.#desk
    if (port !== undefined && hasDht(handshake)) session.send(encodePort(port))
  }

  /** The peer has a node at this port of its address. */
  hear(session: PeerSession, port: number): void {
    const { host } = session.address
    if (port === 0 || !isIPv4(host) || this.#heard.has(session)) return
    this.#heard.add(session)
    this.#desk.suggest([{ host, port }])
  }
}
