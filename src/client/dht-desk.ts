/**
 * The one DHT node (BEP 5) that the torrents of a client share. It is loaded and opened by the first search: a
 * program whose torrents need no DHT has none.
 */
import type { Clock } from '../core/clock.js'
import type { DhtSearch } from '../discovery/dht-lookups.js'
import type { DhtNode, DhtNodeOptions } from '../discovery/dht-node.js'
import type { NodeAddress } from '../metainfo/metainfo.js'

export type DhtSettings = Pick<DhtNodeOptions, 'bootstrap' | 'isReadOnly' | 'nodesPath'>

/** Nodes that are named before there is a node of ours to bound them. */
const MOST_SUGGESTED = 100

export class DhtDesk {
  readonly isReadOnly: boolean
  readonly #settings: DhtSettings
  readonly #clock: Clock
  readonly #peerPort: () => number
  #node: DhtNode | undefined
  #opening: Promise<DhtNode | undefined> | undefined
  readonly #suggested: NodeAddress[] = []
  #failure: string | undefined
  #isClosed = false

  /** `peerPort`: where peers may connect to us; the node takes the UDP port of that number if it can. */
  constructor(settings: DhtSettings, clock: Clock, peerPort: () => number) {
    this.isReadOnly = settings.isReadOnly
    this.#settings = settings
    this.#clock = clock
    this.#peerPort = peerPort
  }

  /** Where others may ask our node; undefined when nobody may, or not yet. */
  get port(): number | undefined {
    return this.isReadOnly ? undefined : this.#node?.port
  }

  /** Nodes that have answered and seem to be there still. */
  get nodeCount(): number {
    return this.#node?.nodeCount ?? 0
  }

  /** Why it finds nothing, for people. */
  get trouble(): string | undefined {
    if (this.#failure !== undefined) return `DHT: no UDP port (${this.#failure})`
    return this.nodeCount === 0 ? 'DHT: no node answers' : undefined
  }

  /** A torrent or a peer names nodes. */
  suggest(nodes: readonly NodeAddress[]): void {
    if (this.#node !== undefined) this.#node.suggest(nodes, 'stranger')
    else this.#suggested.push(...nodes.slice(0, MOST_SUGGESTED - this.#suggested.length))
  }

  /** Looks for peers and announces us, if that can be done. Rejects with what `onPeers` throws. */
  async search(search: Omit<DhtSearch, 'port'>): Promise<void> {
    if (this.#isClosed) return
    this.#opening ??= this.#open()
    const node = await this.#opening
    await node?.search({ ...search, port: this.#peerPort() })
  }

  /** Resolves within a second. */
  async close(): Promise<void> {
    this.#isClosed = true
    const node = await this.#opening
    await node?.close()
  }

  /** Undefined when there is no UDP port to be had; the next search tries again. */
  async #open(): Promise<DhtNode | undefined> {
    const { DhtNode } = await import('../discovery/dht-node.js')
    try {
      const [clock, port, suggested] = [this.#clock, this.#peerPort(), this.#suggested]
      this.#node = await DhtNode.open({ ...this.#settings, clock, port, suggested })
    } catch (error) {
      this.#failure = (error as NodeJS.ErrnoException).code ?? (error as Error).message
      this.#opening = undefined
      return undefined
    }
    this.#failure = undefined
    return this.#node
  }
}
