/** The addresses that benchmarks use: all of 127.0.0.0/8, where Linux needs no setting up. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { PeerAddress } from '../src/core/peer-address.js'

/** `HOST:PORT`, or `HOST` alone for a port that the system chooses. Throws on anything else. */
export function parseAddress(text: string): PeerAddress {
  const match = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text)
  const port = Number(match?.[2] ?? 0)
  if (match === null || port > 65_535) throw new Error(`not an address: ${text}`)
  return { host: match[1]!, port }
}

const HOSTS_PER_NET = 200

/** That many different loopback hosts. Downloaders count connections by host, so each peer has its own. */
export function loopbackHosts(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `127.0.${1 + Math.floor(i / HOSTS_PER_NET)}.${2 + (i % HOSTS_PER_NET)}`,
  )
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
