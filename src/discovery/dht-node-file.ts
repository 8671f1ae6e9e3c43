/**
 * The nodes of the last run, so that the next finds its way into the DHT without the nodes that everybody begins
 * with: a small JSON file, replaced whole. It is a convenience: one that is missing, damaged, foreign or of a later
 * version is the same as none, and what it holds is believed no more than any other hint.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { dirname } from 'node:path'
import { LIMITS } from '../config.js'
import { addressKey, type PeerAddress } from '../core/peer-address.js'

const VERSION = 1

export class DhtNodeFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Never rejects. */
  async read(): Promise<PeerAddress[]> {
    try {
      return parseNodes(JSON.parse(await this.#text()))
    } catch {
      return []
    }
  }

  /** The first LIMITS.dhtNodesSaved of them; makes the folder unless it is there. Rejects with the system's error. */
  async write(nodes: readonly PeerAddress[]): Promise<void> {
    const kept = nodes.slice(0, LIMITS.dhtNodesSaved).map(addressKey)
    const text = `${JSON.stringify({ version: VERSION, nodes: kept })}\n`
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    const temporary = `${this.#path}.${randomBytes(4).toString('hex')}.tmp`
    try {
      await writeDurably(temporary, text)
      await rename(temporary, this.#path)
    } finally {
      await rm(temporary, { force: true })
    }
  }

  /** What is no file, or too long, is not ours; a FIFO is not to be waited for. */
  async #text(): Promise<string> {
    const file = await open(this.#path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const { size } = await file.stat()
      if (size > LIMITS.dhtNodeFileBytes) throw new RangeError('too long for a list of nodes')
      const bytes = Buffer.alloc(size)
      const { bytesRead } = await file.read(bytes, 0, size, 0)
      return bytes.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

function parseNodes(value: unknown): PeerAddress[] {
  const { version, nodes } = value as { readonly version?: unknown; readonly nodes?: unknown }
  if (version !== VERSION || !Array.isArray(nodes)) return []
  return nodes
    .slice(0, LIMITS.dhtNodesSaved)
    .map(parseNode)
    .filter((node) => node !== undefined)
}

function parseNode(text: unknown): PeerAddress | undefined {
  const [host = '', digits = ''] = typeof text === 'string' ? text.split(':') : []
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  return isIPv4(host) && port > 0 && port <= 65_535 ? { host, port } : undefined
}
