/**
 * A cheap seed process for benchmarks and tests: one torrent, any number of listening addresses, never chokes. What is
 * to be measured is the downloader, and our own seed would be in its way: one process of it is one peer, and eight
 * of them take 1.3 to 1.9 CPU seconds per GiB, as much as the download, where this takes 0.5 (1 MiB pieces, 2 cores).
 *
 * `node dist/bench/seed.js --payload FILE... --piece-length BYTES --info-hash HEX --listen HOST[:PORT]...
 * [--announce URL] [--delay MS]`
 */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
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
    delay: { type: 'string', default: '0' },
  },
})

const payload = new PayloadReader(values.payload)
const geometry = new Geometry(payload.totalBytes, Number(values['piece-length']), [])
const infoHash = Buffer.from(values['info-hash'], 'hex')
const torrent: SeededTorrent = { infoHash, geometry, payload, delayMs: Number(values.delay) }

const addresses = await Promise.all(values.listen.map((text) => listen(parseAddress(text))))
if (values.announce !== undefined) await Promise.all(addresses.map((a) => announce(values.announce!, a)))
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

/** Tells the tracker once, from the address itself: it takes the host from the connection (BEP 3). */
async function announce(tracker: string, { host, port }: PeerAddress): Promise<void> {
  const escapedHash = values['info-hash'].replace(/../g, '%$&')
  const peerId = `-SB0001-${String(port).padStart(12, '0')}`
  const query = `info_hash=${escapedHash}&peer_id=${peerId}&port=${port}&uploaded=0&downloaded=0&left=0&compact=1`
  const request = get(`${tracker}?${query}&event=started`, { localAddress: host })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`the tracker answered ${answer.statusCode}`)
  answer.resume()
  await once(answer, 'end')
}
