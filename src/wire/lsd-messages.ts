/**
 * The one message of local service discovery (BEP 14): a packet to everybody on the network, in the form of an
 * HTTP request, that names the torrents of its sender and the port where it accepts peers.
 */

export interface LocalAnnounce {
  /** Where the sender accepts peers; its host is the source of the packet. */
  readonly port: number
  /** 40 lower-case hex digits each. */
  readonly infoHashes: readonly string[]
  /** By which a sender knows its own packets again. */
  readonly cookie: string | undefined
}

/** So many fit into a packet that no network cuts up (1,400 bytes). */
export const MOST_HASHES_PER_PACKET = 20

/** `group`: as a URL writes the host and port that it goes to. */
export function encodeLocalAnnounce(group: string, { port, infoHashes, cookie }: LocalAnnounce): Buffer {
  const lines = [
    'BT-SEARCH * HTTP/1.1',
    `Host: ${group}`,
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${infoHash}`),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n\r\n`, 'latin1')
}

/** Undefined for what is no announce, or names no port. Of the torrents no more count than we would name. */
export function decodeLocalAnnounce(packet: Buffer): LocalAnnounce | undefined {
  if (packet.length > MOST_BYTES) return undefined
  const [request, ...lines] = packet.toString('latin1').split(/\r?\n/)
  if (request === undefined || !/^BT-SEARCH \* HTTP\/1\.\d$/i.test(request)) return undefined
  const infoHashes = new Set<string>()
  let port: number | undefined
  let cookie: string | undefined
  for (const line of lines.slice(0, MOST_LINES)) {
    const [, name, value] = /^([\w-]+):\s*(\S+)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    const header = name.toLowerCase()
    if (header === 'port') port = /^\d{1,5}$/.test(value) ? Number(value) : undefined
    else if (header === 'cookie') cookie = value
    else if (header === 'infohash' && INFO_HASH.test(value)) infoHashes.add(value.toLowerCase())
  }
  if (port === undefined || port === 0 || port > 65_535 || infoHashes.size === 0) return undefined
  return { port, infoHashes: [...infoHashes].slice(0, MOST_HASHES_PER_PACKET), cookie }
}

/** Packets of honest programs have at most 1,400. */
const MOST_BYTES = 2_048
const MOST_LINES = 64

const INFO_HASH = /^[0-9a-f]{40}$/i
