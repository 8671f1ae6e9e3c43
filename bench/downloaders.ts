/** The programs that are compared, and the command that makes each fetch one torrent and exit. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressKey, type PeerAddress } from '../src/core/peer-address.js'
import { canMakeNamespaces, isInstalled, libtorrentPython, versionOf } from './installed.js'
import type { Command } from './measure.js'

export interface Job {
  /** Path of the .torrent. */
  readonly torrent: string
  /** An empty folder. */
  readonly output: string
  readonly peers: readonly PeerAddress[]
  /** An empty folder for whatever else the program writes. */
  readonly scratch: string
}

export interface Downloader {
  readonly name: string
  readonly version: string
  /** Refuses peers on loopback addresses, and is measured across a virtual cable instead. */
  readonly needsCable?: boolean
  command(job: Job): Command
}

/** Those this machine has, swarmfetch first. */
export function installedDownloaders(): Downloader[] {
  return [swarmfetch(), ...libtorrents(), aria2(), transmission(), webtorrent()].filter(
    (d) => d !== undefined,
  )
}

const TOP = join(import.meta.dirname, '..', '..')
/** What swarmfetch and webtorrent allow without being told: more peers have to be asked for. */
const USUAL_PEER_LIMIT = 200

function swarmfetch(): Downloader | undefined {
  const program = join(import.meta.dirname, '..', 'src', 'cli', 'main.js')
  if (!existsSync(program)) return undefined
  const { version } = JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8')) as { version: string }
  const commit = versionOf('git', '-C', TOP, 'rev-parse', '--short', 'HEAD')
  return {
    name: 'swarmfetch',
    version: `${version}${commit === undefined ? '' : ` (${commit})`}, Node ${process.versions.node}`,
    command: ({ torrent, output, peers }) => ({
      program: process.execPath,
      isNode: true,
      args: [
        ...[program, 'get', torrent, '-o', output, '--quiet', '--no-trackers', '--no-dht', '--no-lsd'],
        ...(peers.length > USUAL_PEER_LIMIT ? ['--max-peers', String(peers.length)] : []),
        ...peers.flatMap((peer) => ['--peer', addressKey(peer)]),
      ],
    }),
  }
}

/** libtorrent twice: as it comes, and tuned for fast local links. */
function libtorrents(): Downloader[] {
  const python = libtorrentPython()
  if (python === undefined) return []
  const version = versionOf(python, '-c', 'import libtorrent; print(libtorrent.__version__)') ?? ''
  const script = join(TOP, 'bench', 'get-libtorrent.py')
  return ['default', 'tuned'].map((profile) => ({
    name: profile === 'default' ? 'libtorrent' : 'libtorrent tuned',
    version,
    command: ({ torrent, output, peers }) => ({
      program: python,
      args: [script, profile, torrent, output, ...peers.map(addressKey)],
    }),
  }))
}

function aria2(): Downloader | undefined {
  if (!isInstalled('aria2c')) return undefined
  return {
    name: 'aria2',
    version: (versionOf('aria2c', '--version') ?? '').replace('aria2 version ', ''),
    command: ({ torrent, output }) => ({
      program: 'aria2c',
      args: [
        ...['--no-conf', '--quiet', '--seed-time=0', '--file-allocation=none', '--bt-max-peers=0'],
        ...[
          '--enable-dht=false',
          '--enable-dht6=false',
          '--bt-enable-lpd=false',
          '--enable-peer-exchange=false',
        ],
        ...['--bt-request-peer-speed-limit=10000M', '--dir', output, torrent],
      ],
    }),
  }
}

function transmission(): Downloader | undefined {
  if (!isInstalled('transmission-cli') || !canMakeNamespaces()) return undefined
  return {
    name: 'transmission',
    version: (versionOf('transmission-cli', '--version') ?? '').replace(/^transmission-cli | \(.*/g, ''),
    needsCable: true,
    command: ({ torrent, output, peers, scratch }) => ({
      program: 'transmission-cli',
      args: [
        ...['-g', transmissionSettings(scratch, peers.length), '-f', killer(scratch)],
        ...['--no-portmap', '--encryption-tolerated', '-w', output, torrent],
      ],
      endsBy: 'SIGKILL',
    }),
  }
}

function transmissionSettings(scratch: string, peerCount: number): string {
  const off = { 'dht-enabled': false, 'lpd-enabled': false, 'pex-enabled': false, 'utp-enabled': false }
  const limit = Math.max(USUAL_PEER_LIMIT, peerCount)
  const limits = { 'peer-limit-global': limit, 'peer-limit-per-torrent': limit }
  const folder = join(scratch, 'transmission')
  mkdirSync(folder)
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ ...off, ...limits }))
  return folder
}

/** transmission-cli goes on seeding when it is complete, but runs a script, and this one ends it. */
function killer(scratch: string): string {
  const script = join(scratch, 'complete.sh')
  writeFileSync(script, '#!/bin/sh\nkill -KILL "$PPID"\n', { mode: 0o755 })
  return script
}

/** Found through the environment variable WEBTORRENT: the folder whose node_modules holds it. */
function webtorrent(): Downloader | undefined {
  const manifest = join(process.env.WEBTORRENT ?? '', 'node_modules', 'webtorrent', 'package.json')
  if (process.env.WEBTORRENT === undefined || !existsSync(manifest)) return undefined
  return {
    name: 'webtorrent',
    version: (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version,
    command: ({ torrent, output, peers }) => ({
      program: process.execPath,
      isNode: true,
      args: [join(import.meta.dirname, 'get-webtorrent.js'), torrent, output, ...peers.map(addressKey)],
    }),
  }
}
