/** Other people's programs that offer a torrent. Each is ready to be asked when its function resolves. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import { addressKey } from '../../src/core/peer-address.js'
import { isMagnet } from '../../src/metainfo/parse-magnet.js'
import { newFolder } from './real-folders.js'
import { libtorrentCommand, libtorrentSettings, type RealManner } from './real-libtorrent.js'
import { RealProcess } from './real-process.js'
import { compactPeer } from './scripted-node.js'

export interface SeedPlan extends RealManner {
  /** Path of the .torrent, or a magnet link. */
  readonly torrent: string
  /** The folder that holds what the torrent names. */
  readonly folder: string
  readonly place: SeedPlace
  /** In bytes per second; as fast as it can when absent. */
  readonly uploadRate?: number
  /** Nodes of the DHT to begin with, `host:port`; it keeps out of the DHT when absent. */
  readonly dhtNodes?: readonly string[]
}

/** Where a program listens. */
export interface SeedPlace {
  readonly host: string
  readonly port: number
  /** Words that run a command there. */
  readonly prefix?: readonly string[]
}

/** A port on this machine that was free a moment ago, for programs that cannot be told to choose one. */
export async function loopbackPlace(host: '127.0.0.1' | '::1' = '127.0.0.1'): Promise<SeedPlace> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port))
  })
  await new Promise((resolve) => server.close(resolve))
  return { host, port }
}

/** As `--peer` takes it. */
export function peerOf({ place }: SeedPlan): string {
  return addressKey(place)
}

/** The folder may hold parts of the torrent only: it offers those. */
export async function startLibtorrent(t: TestContext, plan: SeedPlan): Promise<RealProcess> {
  const { torrent, folder, place, uploadRate = 0 } = plan
  const rate = String(uploadRate)
  const command = libtorrentCommand('share', torrent, folder, peerOf(plan), rate, libtorrentSettings(plan))
  const seed = new RealProcess(t, { ...command, prefix: place.prefix ?? [] })
  await seed.says(/^ready$/m)
  return seed
}

export async function startAria2(t: TestContext, plan: SeedPlan): Promise<RealProcess> {
  const { torrent, folder, place, uploadRate = 0, downloadRate = 0, dhtNodes } = plan
  const seed = new RealProcess(t, {
    program: 'aria2c',
    prefix: place.prefix ?? [],
    args: [
      ...['--no-conf', '--enable-dht6=false', ...aria2Manner(plan)],
      // It prints its own words late when nobody sits at a terminal. This one is given an id, a count and a path.
      '--on-bt-download-complete=echo',
      // Its one socket for UDP trackers is that of the DHT, which knows no node unless it is told of one.
      ...[`--dht-file-path=${join(newFolder(), 'dht.dat')}`, `--dht-listen-port=${place.port}`],
      ...(dhtNodes === undefined ? [] : [`--dht-entry-point=${dhtNodes[0]}`]),
      ...['--check-integrity', '--seed-ratio=0.0'],
      ...[`--max-upload-limit=${uploadRate}`, `--max-download-limit=${downloadRate}`],
      ...[`--interface=${place.host}`, `--listen-port=${place.port}`, `--dir=${folder}`, torrent],
    ],
  })
  await seed.says(/IPv4 BitTorrent: listening/)
  return seed
}

/** The arguments that let it meet peers in such a manner. */
function aria2Manner({ encryption, finders = [] }: RealManner): string[] {
  const level = encryption === 'rc4' ? 'arc4' : 'plain'
  return [
    ...(encryption === undefined ? [] : ['--bt-require-crypto=true', `--bt-min-crypto-level=${level}`]),
    `--bt-enable-lpd=${finders.includes('lsd')}`,
    `--enable-peer-exchange=${finders.includes('pex')}`,
  ]
}

/** It refuses peers on loopback addresses, so its place must be a namespace of which it is the only transmission. */
export async function startTransmission(t: TestContext, plan: SeedPlan): Promise<RealProcess> {
  const seed = runTransmission(t, plan)
  await seed.until(() => transmissionSays(plan.place, /State: (Seeding|Idle)/))
  return seed
}

/** Not ready yet. */
export function runTransmission(t: TestContext, plan: SeedPlan): RealProcess {
  const args = ['--foreground', '--config-dir', transmissionHome(plan)]
  return new RealProcess(t, { program: 'transmission-daemon', args, prefix: plan.place.prefix ?? [] })
}

/** It tells nobody how far it is: one has to ask. This looks at what it says of its torrent. */
export async function transmissionSays({ prefix = [] }: SeedPlace, words: RegExp): Promise<boolean> {
  const [ask, ...question] = [...prefix, 'transmission-remote', '127.0.0.1', '--torrent', 'all', '--info']
  return words.test(await outputOf(ask!, question))
}

/** Transmission watches for no links: it has to be told of one. False while it is not there to be told. */
export async function tellTransmission({ prefix = [] }: SeedPlace, link: string): Promise<boolean> {
  const [ask, ...question] = [...prefix, 'transmission-remote', '127.0.0.1', '--add', link]
  return /success/.test(await outputOf(ask!, question))
}

/** The folder of its settings, and of a torrent that it finds there. */
function transmissionHome(plan: SeedPlan): string {
  const { torrent, folder, place, uploadRate, downloadRate, encryption, dhtNodes, finders = [] } = plan
  const home = newFolder()
  const watched = join(home, 'watched')
  mkdirSync(watched)
  if (!isMagnet(torrent)) copyFileSync(torrent, join(watched, 'offered.torrent'))
  if (dhtNodes !== undefined) writeFileSync(join(home, 'dht.dat'), rememberedNodes(dhtNodes))
  const off = ['utp', 'port-forwarding'].map((what) => [`${what}-enabled`, false])
  const settings = {
    ...Object.fromEntries(off),
    'bind-address-ipv4': place.host,
    'dht-enabled': dhtNodes !== undefined,
    'download-dir': folder,
    'lpd-enabled': finders.includes('lsd'),
    'pex-enabled': finders.includes('pex'),
    'speed-limit-down': Math.ceil((downloadRate ?? 0) / 1000),
    'speed-limit-down-enabled': downloadRate !== undefined,
    // 2: all of it encrypted; 1: if possible.
    encryption: encryption === undefined ? 1 : 2,
    'peer-port': place.port,
    'rpc-bind-address': '127.0.0.1',
    'speed-limit-up': Math.ceil((uploadRate ?? 0) / 1000),
    'speed-limit-up-enabled': uploadRate !== undefined,
    'watch-dir': watched,
    'watch-dir-enabled': true,
  }
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings))
  return home
}

/** As Transmission keeps them: it meets a node every two seconds, and one in 15 s after the first eight. */
function rememberedNodes(addresses: readonly string[]): Buffer {
  const nodes = addresses.slice(0, 8).map((address) => {
    const [host, port] = address.split(':')
    return compactPeer({ host: host!, port: Number(port) })
  })
  return encodeBencode({ id: randomBytes(20), nodes: Buffer.concat(nodes) })
}

/** What a program prints; nothing when it fails. */
async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args).catch(() => ({ stdout: '' }))
  return stdout
}
