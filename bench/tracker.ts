/**
 * A minimal HTTP tracker (BEP 3, BEP 23) for demo and benchmarks: keeps whoever announces in memory, and hands
 * out all of them, and those named at the start, as compact peers. IPv4 only.
 *
 * `node dist/bench/tracker.js [--listen HOST[:PORT]] [--peer HOST:PORT]...`
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { addressKey, type PeerAddress } from '../src/core/peer-address.js'
import { parseAddress } from './addresses.js'
import { announceReady } from './helper-process.js'

const MAX_SWARMS = 1_000
const MAX_PEERS_PER_SWARM = 2_000

const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1' },
    peer: { type: 'string', multiple: true, default: [] },
  },
})

const staticPeers = values.peer.map(parseAddress)
/** Announced peers by info hash, then by address. */
const swarms = new Map<string, Map<string, PeerAddress>>()

const server = createServer((request, response) => {
  const host = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const body = answer(request.url ?? '', host)
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length })
  response.end(body)
})
const { host, port } = parseAddress(values.listen)
server.listen(port, host)
await once(server, 'listening')
announceReady([{ host, port: (server.address() as AddressInfo).port }])

/** The bencoded body for an announce. */
function answer(url: string, host: string): Buffer {
  const query = url.slice(url.indexOf('?') + 1).split('&')
  const fields = new Map(query.map((field) => field.split('=', 2) as [string, string]))
  const infoHash = percentDecode(fields.get('info_hash') ?? '')
  const port = Number(fields.get('port'))
  if (infoHash.length !== 20 || !(port > 0 && port < 65_536)) return failure('info_hash or port is missing')

  const swarm = swarmOf(infoHash.toString('hex'))
  const announcer = { host, port }
  if (fields.get('event') === 'stopped') swarm.delete(addressKey(announcer))
  else if (swarm.size < MAX_PEERS_PER_SWARM) swarm.set(addressKey(announcer), announcer)
  const others = [...staticPeers, ...swarm.values()].filter((p) => p.port !== port || p.host !== host)
  const peers = Buffer.concat(others.map(compactPeer))
  return Buffer.concat([Buffer.from(`d8:intervali1800e5:peers${peers.length}:`), peers, Buffer.from('e')])
}

function swarmOf(infoHashHex: string): Map<string, PeerAddress> {
  const known = swarms.get(infoHashHex)
  if (known !== undefined) return known
  const swarm = new Map<string, PeerAddress>()
  if (swarms.size < MAX_SWARMS) swarms.set(infoHashHex, swarm)
  return swarm
}

function failure(reason: string): Buffer {
  return Buffer.from(`d14:failure reason${reason.length}:${reason}e`)
}

/** Info hashes are raw bytes, which `decodeURIComponent` would take for UTF-8. */
function percentDecode(text: string): Buffer {
  const raw = text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(raw, 'latin1')
}

function compactPeer({ host, port }: PeerAddress): Buffer {
  return Buffer.from([...host.split('.').map(Number), port >> 8, port & 0xff])
}
