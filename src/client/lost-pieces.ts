/**
 * Hears of pieces that peers have lost (BEP 54). We never lose any while connected: a recheck lets go of all peers
 * first, and a disk that fails ends the torrent.
 */
import { PeerError } from '../core/errors.js'
import type { ExtensionPeer, PeerExtension } from './peer-extensions.js'

export const LOST_PIECES: PeerExtension = { name: 'lt_donthave', hear }

function hear(peer: ExtensionPeer, payload: Uint8Array): void {
  if (payload.length !== 4) throw new PeerError('BAD_MESSAGE', 'lt_donthave without a piece')
  peer.pieceLost(new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0))
}
