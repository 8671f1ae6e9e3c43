/**
 * A node of the DHT (BEP 5): finds peers by info hash, and tells where we are. The package `bittorrent-dht` keeps
 * the table of nodes and walks through the DHT; all that it sends and hears goes through `DhtSocket`.
 *
 * It gets to know nodes from the file of the last run, else from those that it was told to begin with, and
 * from whoever names some. A full node answers others as well; a read-only one (BEP 43) does not and is not
 * remembered. The package takes a while to load: import this module when it is needed. IPv4 only, as the
 * package is. Nothing that other nodes do makes it throw, and it keeps no process alive once it is closed.
 */

import type { Socket } from 'node:dgram'
import { Client as Dht } from 'bittorrent-dht'
import { LIMITS } from '../config.js'
import { addressReach } from '../core/address-reach.js'
import type { Clock } from '../core/clock.js'
import { addressKey, type PeerAddress } from '../core/peer-address.js'
import { TokenBucket } from '../core/token-bucket.js'
import type { NodeAddress } from '../metainfo/metainfo.js'
import { bindUdp } from './bind-udp.js'
import { DhtGreeter, type Namer } from './dht-greeter.js'
import { DhtLookups, type DhtSearch } from './dht-lookups.js'
import { DhtNodeFile } from './dht-node-file.js'
import { DhtSocket } from './dht-socket.js'
import { NodeNames } from './node-names.js'

export interface DhtNodeOptions {
  readonly clock: Clock
  /** The UDP port to have, if it can be had. */
  readonly port: number
  /** Nodes to begin with when those of the last run do not answer. */
  readonly bootstrap: readonly NodeAddress[]
  /** Nodes that torrents and peers have named so far. */
  readonly suggested: readonly NodeAddress[]
  readonly isReadOnly: boolean
  /** Where nodes are remembered from run to run; undefined: nowhere. */
  readonly nodesPath: string | undefined
}

/** With so many nodes a look-up finds its way. */
const ENOUGH_NODES = 8
/** Of those that everybody begins with some are always silent: after this long so many do to begin with. */
const FIRST_NODES_MS = 500
const ENOUGH_TO_BEGIN = 3
/** How long the nodes of the last run have before others are asked. */
const SAVED_NODES_MS = 1_000
/** Full nodes run for weeks, and may end without a word. */
const SAVE_INTERVAL_MS = 30 * 60_000
const INTRODUCTIONS_AT_ONCE = 20
/** How long an announced peer is remembered; others announce themselves every quarter or half of an hour. */
const PEER_AGE_MS = 45 * 60_000

interface Opened {
  readonly socket: Socket
  readonly file: DhtNodeFile | undefined
  readonly saved: readonly PeerAddress[]
}

export class DhtNode {
  readonly #options: DhtNodeOptions
  readonly #dht: Dht
  readonly #socket: DhtSocket
  readonly #lookups: DhtLookups
  readonly #greeter: DhtGreeter
  readonly #names = new NodeNames()
  readonly #file: DhtNodeFile | undefined
  /** Nodes of the last run that have not failed to answer in this one. */
  readonly #saved: Map<string, PeerAddress>
  /** How many of those who ask us may be asked in turn who they are. */
  readonly #introductions: TokenBucket
  readonly #closing = new AbortController()
  readonly #saveTimer: NodeJS.Timeout
  #meeting: Promise<void> | undefined
  #closed: Promise<void> | undefined

  /** Opens the socket and begins to look for nodes. Rejects when no socket can be had. */
  static async open(options: DhtNodeOptions): Promise<DhtNode> {
    const file = options.nodesPath === undefined ? undefined : new DhtNodeFile(options.nodesPath)
    const saved = (await file?.read()) ?? []
    return new DhtNode(options, { socket: await bindUdp(options.port), file, saved })
  }

  private constructor(options: DhtNodeOptions, opened: Opened) {
    const { clock, isReadOnly } = options
    this.#options = options
    this.#file = opened.file
    this.#saved = new Map(opened.saved.map((node) => [addressKey(node), node]))
    this.#introductions = new TokenBucket(
      LIMITS.dhtIntroductionsPerSecond,
      INTRODUCTIONS_AT_ONCE,
      clock.now(),
    )
    this.#greeter = new DhtGreeter({
      isKnown: (node) => this.#isKnown(node),
      greet: (node) => this.#greet(node),
      resolve: (name, namer) => this.#names.resolve(name, namer),
    })
    this.#socket = new DhtSocket(opened.socket, {
      clock,
      isReadOnly,
      onAsker: (asker) => this.#introduce(asker),
      isWelcome: (node) => this.#isWelcome(node),
    })
    this.#dht = new Dht({
      krpcSocket: this.#socket,
      bootstrap: false,
      concurrency: LIMITS.dhtQuestionsAtOnce,
      maxAge: PEER_AGE_MS,
      maxPeers: LIMITS.dhtPeersKept,
    })
    this.#dht.on('error', () => {}) // of a packet; those that matter come as rejections
    this.#dht.listen()
    this.#lookups = new DhtLookups(this.#dht)
    this.#saveTimer = setInterval(() => void this.#save(), SAVE_INTERVAL_MS).unref()
    this.suggest(options.suggested, 'stranger')
    void this.#begin()
  }

  /** Where nodes may ask us. */
  get port(): number {
    return this.#socket.address().port
  }

  /** Those that have answered and seem to be there still. */
  get nodeCount(): number {
    return this.#dht.nodes.toArray().length
  }

  /** Somebody has named nodes. Whether they are any is found out; what is too many is dropped. */
  suggest(nodes: readonly NodeAddress[], namer: Namer): void {
    this.#greeter.greet(nodes, namer)
  }

  /**
   * Looks for peers, and announces us. Resolves when that is done or it is aborted; rejects with what `onPeers` throws.
   */
  async search(search: DhtSearch): Promise<void> {
    const signal = AbortSignal.any([search.signal, this.#closing.signal])
    await this.#meetNodes()
    await this.#lookups.search({ ...search, signal })
  }

  /** Ends what is under way, remembers nodes and closes the socket, within a second. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    clearInterval(this.#saveTimer)
    this.#closing.abort()
    this.#greeter.close()
    this.#names.cancel()
    await Promise.all([this.#save(), new Promise<void>((resolve) => this.#dht.destroy(resolve))])
  }

  /** Whoever is to be found by others has to be known to those whose ids are near to its own. */
  async #begin(): Promise<void> {
    await this.#meetNodes()
    if (this.#options.isReadOnly || this.#closing.signal.aborted) return
    this.#dht.lookup(this.#dht.nodeId, () => {})
  }

  /** Resolves when there are nodes to ask, or it is clear that there are none. */
  #meetNodes(): Promise<void> {
    this.#meeting ??= this.#meetEnough().finally(() => {
      this.#meeting = undefined
    })
    return this.#meeting
  }

  async #meetEnough(): Promise<void> {
    const isEnough = () => this.nodeCount >= ENOUGH_NODES
    if (isEnough()) return
    this.#greeter.greet([...this.#saved.values()], 'stranger')
    await this.#greeter.settled(isEnough, SAVED_NODES_MS)
    if (isEnough()) return
    this.#greeter.greet(this.#options.bootstrap, 'user')
    await this.#greeter.settled(isEnough, FIRST_NODES_MS)
    await this.#greeter.settled(() => this.nodeCount >= ENOUGH_TO_BEGIN, 2 * LIMITS.dhtAnswerMs)
  }

  async #greet(node: PeerAddress): Promise<void> {
    const hasAnswered = await new Promise((resolve) => {
      this.#socket.query(node, { q: 'ping', a: { id: this.#dht.nodeId } }, (error) => resolve(error === null))
    })
    if (!hasAnswered) this.#saved.delete(addressKey(node))
  }

  #introduce(asker: PeerAddress): void {
    const isTooMuch = this.#introductions.available(this.#options.clock.now()) < 1
    if (isTooMuch || this.#isKnown(asker)) return
    this.#introductions.take(1)
    this.#greeter.greet([asker], 'stranger')
  }

  #isKnown({ host, port }: PeerAddress): boolean {
    return this.#dht.nodes.toArray().some((node) => node.host === host && node.port === port)
  }

  /** One node of each public address, so that nobody fills the table from one machine. */
  #isWelcome({ host, port }: PeerAddress): boolean {
    const isOther = (node: PeerAddress) => node.host === host && node.port !== port
    return addressReach(host) !== 'internet' || !this.#dht.nodes.toArray().some(isOther)
  }

  /** Without it the next run begins as the first did. */
  async #save(): Promise<void> {
    const met = this.#dht.nodes.toArray()
    if (met.length === 0) return
    const nodes = new Map([...met.map((node) => [addressKey(node), node] as const), ...this.#saved])
    await this.#file?.write([...nodes.values()]).catch(() => {})
  }
}
