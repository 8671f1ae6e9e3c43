/**
 * webtorrent downloads until complete, then exits: `get-webtorrent.js TORRENT OUTDIR HOST:PORT...`, with WEBTORRENT
 * naming the folder whose node_modules holds it.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** As much of webtorrent's interface as a download needs. */
interface WebTorrentClient {
  on(event: 'error', listener: (error: Error) => void): void
  add(torrent: Buffer, options: { path: string; announce: string[] }): WebTorrentTorrent
}

interface WebTorrentTorrent {
  on(event: 'ready' | 'done', listener: () => void): void
  addPeer(address: string): void
}

interface WebTorrentModule {
  default: new (options: Readonly<Record<string, boolean | number>>) => WebTorrentClient
}

const [torrentPath, output, ...peers] = process.argv.slice(2)
const home = createRequire(`${process.env.WEBTORRENT}/index.js`)
const { default: WebTorrent } = (await import(
  pathToFileURL(home.resolve('webtorrent')).href
)) as WebTorrentModule
const off = {
  dht: false,
  tracker: false,
  lsd: false,
  natUpnp: false,
  natPmp: false,
  utp: false,
  utPex: false,
}
const client = new WebTorrent({ ...off, secure: false, maxConns: Math.max(200, peers.length) })
client.on('error', (error) => {
  throw error
})
const torrent = client.add(readFileSync(torrentPath!), { path: output!, announce: [] })
torrent.on('ready', () => {
  for (const peer of peers) torrent.addPeer(peer)
})
torrent.on('done', () => process.exit(0))
