/** Other people's programs that make a .torrent, and the info hash that each says it has. */
import { execFileSync } from 'node:child_process'
import { libtorrentCommand } from './real-libtorrent.js'

export interface MakePlan {
  /** A file or a folder. */
  readonly path: string
  /** Where the .torrent goes. */
  readonly torrent: string
  readonly pieceLengthBytes: number
  readonly tracker?: string
  readonly isPrivate?: boolean
}

/** What libtorrent can make; `padded` is v1 with padding files (BEP 47). */
export type LibtorrentKind = 'v1' | 'padded' | 'hybrid' | 'v2'

/** It cannot do without a tracker, nor with pieces below 32 KiB. */
export function makeWithMktorrent({ path, torrent, pieceLengthBytes, tracker, isPrivate }: MakePlan): string {
  const power = String(Math.log2(pieceLengthBytes))
  const flags = isPrivate ? ['-p'] : []
  run('mktorrent', ['-l', power, '-a', tracker ?? NO_TRACKER, ...flags, '-o', torrent, path])
  return hashFromTransmission(torrent)
}

export function makeWithTransmission(plan: MakePlan): string {
  const { path, torrent, pieceLengthBytes, tracker, isPrivate } = plan
  const announce = tracker === undefined ? [] : ['-t', tracker]
  const flags = isPrivate ? ['-p'] : []
  const pieces = String(pieceLengthBytes / 1024)
  run('transmission-create', ['-s', pieces, ...announce, ...flags, '-o', torrent, path])
  return hashFromTransmission(torrent)
}

export function makeWithLibtorrent(kind: LibtorrentKind, plan: MakePlan): string {
  const { path, torrent, pieceLengthBytes, tracker } = plan
  const trackers = tracker === undefined ? [] : [tracker]
  const { program, args } = libtorrentCommand(
    'create',
    kind,
    path,
    torrent,
    String(pieceLengthBytes),
    ...trackers,
  )
  return run(program, args).trim()
}

/** mktorrent keeps the hash to itself, and transmission-create too. */
function hashFromTransmission(torrent: string): string {
  const match = /^ *Hash: ([0-9a-f]{40})$/m.exec(run('transmission-show', [torrent]))
  if (match === null) throw new Error('transmission-show names no hash')
  return match[1]!
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The port where nobody listens. */
const NO_TRACKER = 'http://127.0.0.1:1/announce'
