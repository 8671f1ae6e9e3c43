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

/** Ways to find peers that a program has besides trackers. */
export type RealFinder = 'lsd' | 'pex'

/** How a program meets its peers. */
export interface RealManner {
  /** It makes and takes no other connections; whatever it likes when absent. */
  readonly encryption?: RealEncryption | undefined
  /** None when absent, but those that cannot be turned off. */
  readonly finders?: readonly RealFinder[]
  /** In bytes per second; as fast as it can when absent. */
  readonly downloadRate?: number
}

/** Settings of a session that does so, as JSON. */
export function libtorrentSettings({ encryption, finders = [], downloadRate = 0 }: RealManner): string {
  const levels = { plainPayload: 1, rc4: 2 }
  return JSON.stringify({
    ...(encryption && { in_enc_policy: 0, out_enc_policy: 0, allowed_enc_level: levels[encryption] }),
    // Those whom a seed finds are to be dialled, and those who have nothing to give to stay: they know others.
    ...(finders.length > 0 && { seeding_outgoing_connections: true, close_redundant_connections: false }),
    enable_lsd: finders.includes('lsd'),
    ...(downloadRate > 0 && { download_limit: downloadRate }),
  })
}

/** Seen from the compiled file. */
const KIT = join(import.meta.dirname, '..', '..', '..', 'test', 'kit')
const SCRIPT = join(KIT, 'real-libtorrent.py')
const MAGNET_SCRIPT = join(KIT, 'real-libtorrent-magnet.py')
