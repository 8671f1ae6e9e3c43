import { join } from 'node:path'
import { libtorrentPython } from '../../bench/installed.js'

/** Runs real-libtorrent.py with these arguments; see there. */
export function libtorrentCommand(...args: readonly string[]) {
  return { program: libtorrentPython()!, args: [SCRIPT, ...args] }
}

/** Runs real-libtorrent-magnet.py with these arguments; see there. */
export function libtorrentMagnetCommand(...args: readonly string[]) {
  return { program: libtorrentPython()!, args: [MAGNET_SCRIPT, ...args] }
}

/** A demand: all of a connection encrypted, or its handshake alone, which not every program can ask for. */
export type RealEncryption = 'rc4' | 'plainPayload'

/** Settings of a session that makes and takes no other connections, as JSON. */
export function libtorrentEncryption(encryption: RealEncryption | undefined): string {
  if (encryption === undefined) return '{}'
  const levels = { plainPayload: 1, rc4: 2 }
  return JSON.stringify({ in_enc_policy: 0, out_enc_policy: 0, allowed_enc_level: levels[encryption] })
}

/** Seen from the compiled file. */
const KIT = join(import.meta.dirname, '..', '..', '..', 'test', 'kit')
const SCRIPT = join(KIT, 'real-libtorrent.py')
const MAGNET_SCRIPT = join(KIT, 'real-libtorrent-magnet.py')
