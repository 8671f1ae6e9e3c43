/**
 * A cheap seed process for demo and benchmarks: one torrent, any number of listening addresses, never chokes.
 *
 * `node dist/bench/seed.js --payload FILE... --piece-length BYTES --info-hash HEX --listen HOST[:PORT]...
 * [--announce URL]`
 */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { Geometry } from '../src/core/geometry.js'
import type { PeerAddress } from '../src/core/peer-address.js'
import { parseAddress } from './addresses.js'
import { announceReady } from './helper-process.js'
import { PayloadReader } from './payload.js'
import { SeedConnection, type SeededTorrent } from './seed-connection.js'

const { values } = parseArgs({
  options: {
    payload: { type: 'string', multiple: true, default: [] },
    'piece-length': { type: 'string', default: '' },
    'info-hash': { type: 'string', default: '' },
    listen: { type: 'string', multiple: true, default: ['127.0.0.1'] },
    announce: { type: 'string' },
  },
})

const payload = new PayloadReader(values.payload)
const geometry = new Geometry(payload.totalBytes, Number(values['piece-length']), [])
const torrent: SeededTorrent = { infoHash: Buffer.from(values['info-hash'], 'hex'), geometry, payload }

const addresses = await Promise.all(values.listen.map((text) => listen(parseAddress(text))))
if (values.announce !== undefined) await Promise.all(addresses.map((a) => announce(values.announce!, a.port)))
announceReady(addresses)

/** Listens there, and says on which port. */
async function listen({ host, port }: PeerAddress): Promise<PeerAddress> {
  const server = createServer((socket) => {
    new SeedConnection(socket, torrent)
  })
  server.listen(port, host, 1024)
  await once(server, 'listening')
  return { host, port: (server.address() as AddressInfo).port }
}

/** Tells the tracker once; it takes the host from the connection (BEP 3). */
async function announce(tracker: string, port: number): Promise<void> {
  const infoHash = values['info-hash'].replace(/../g, '%$&')
  const peerId = `-SB0001-${String(port).padStart(12, '0')}`
  const query = `info_hash=${infoHash}&peer_id=${peerId}&port=${port}&uploaded=0&downloaded=0&left=0&compact=1`
  const answer = await fetch(`${tracker}?${query}&event=started`)
  if (!answer.ok) throw new Error(`the tracker answered ${answer.status}`)
  await answer.arrayBuffer()
}
