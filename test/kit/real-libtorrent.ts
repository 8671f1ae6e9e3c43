import { join } from 'node:path'
import { libtorrentPython } from '../../bench/installed.js'

/** Runs real-libtorrent.py with these arguments; see there. */
export function libtorrentCommand(...args: readonly string[]) {
  return { program: libtorrentPython()!, args: [SCRIPT, ...args] }
}

/** Seen from the compiled file. */
const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'test', 'kit', 'real-libtorrent.py')
