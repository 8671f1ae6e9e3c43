/** The parts of the package `bittorrent-dht` that are used here; it brings no types of its own. */
declare module 'bittorrent-dht' {
  import type { EventEmitter } from 'node:events'

  export interface Contact {
    readonly id: Buffer
    readonly host: string
    readonly port: number
  }

  export interface ClientOptions {
    /** Stands in for the package's own UDP socket. */
    readonly krpcSocket: EventEmitter
    /** False: it looks for no nodes on its own. */
    readonly bootstrap: false
    /** Questions under way at once. */
    readonly concurrency: number
    /** How long it remembers a peer that was announced to it, in milliseconds, and how many. */
    readonly maxAge: number
    readonly maxPeers: number
  }

  /**
   * Events: `peer` (address, info hash, the node that told it or null), `warning`, `error`.
   */
  export class Client extends EventEmitter {
    constructor(options: ClientOptions)
    readonly nodeId: Buffer
    readonly nodes: { toArray(): Contact[]; get(id: Buffer): Contact | null }
    listen(): void
    /** The function that is returned ends it at the next answer. `done` comes in any case. */
    lookup(infoHash: Buffer, done: (error: Error | null, nodeCount?: number) => void): () => void
    announce(infoHash: Buffer, port: number, done: (error: Error | null) => void): void
    destroy(done: () => void): void
  }
}
