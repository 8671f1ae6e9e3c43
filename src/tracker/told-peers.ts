import { addressReach } from '../core/address-reach.js'
import type { PeerAddress } from '../core/peer-address.js'
import type { PrivateLeave } from '../core/private-reach.js'

/**
 * The peers that a tracker may tell of. One that must be somewhere on the internet cannot know who is in a
 * network beside us: it is not to send us there, any more than its own address may be there. `leave`: what
 * the tracker itself has.
 */
export function toldPeers(peers: readonly PeerAddress[], leave: PrivateLeave): readonly PeerAddress[] {
  return leave === false ? peers.filter(({ host }) => addressReach(host) === 'internet') : peers
}
