/** One connection to each peer, whatever addresses it has: both ends must agree on which of two stays. */
import { PeerError } from '../core/errors.js'
import { addressKey } from '../core/peer-address.js'
import { staysNewer } from '../swarm/crossed-connections.js'
import type { Connection } from './connection.js'

/** Ends the other connection to the same peer, or throws PeerError when it is the new one that must go. */
export function settleDuplicates(
  newer: Connection,
  connections: Iterable<Connection>,
  ourPeerId: Uint8Array,
): void {
  const theirPeerId = newer.peerIdHex!
  for (const other of connections) {
    if (other === newer || other.peerIdHex !== theirPeerId) continue
    const reason = new PeerError('DUPLICATE_CONNECTION', `the same peer as ${addressKey(other.address)}`)
    const two = {
      isOlderIncoming: other.session.isIncoming,
      isNewerIncoming: newer.session.isIncoming,
      ourPeerId: Buffer.from(ourPeerId).toString('hex'),
      theirPeerId,
    }
    if (!staysNewer(two)) throw reason
    other.session.close(reason)
  }
}
