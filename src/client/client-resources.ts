/** What the torrents of one client share. */
import type { Clock, Random } from '../core/clock.js'
import type { TokenBucket } from '../core/token-bucket.js'
import type { HandleCache } from '../storage/handle-cache.js'
import type { PiecePool } from '../storage/piece-pool.js'
import type { Arena } from '../swarm/arena.js'
import type { Encryption } from '../swarm/encryption.js'
import type { InfoHashIndex } from '../swarm/info-hash-index.js'
import type { HttpConnections } from '../tracker/http-connections.js'
import type { UdpConnections } from '../tracker/udp-connections.js'
import type { WebConnections } from '../webseed/web-connections.js'
import type { DhtDesk } from './dht-desk.js'
import type { DialBudget } from './dial-budget.js'
import type { ImageShelf } from './image-shelf.js'
import type { LsdDesk } from './lsd-desk.js'
import type { OwnAddresses } from './own-addresses.js'

export interface ClientResources {
  readonly clock: Clock
  readonly random: Random
  readonly pool: PiecePool
  readonly handles: HandleCache
  readonly arena: Arena
  readonly http: HttpConnections
  readonly udp: UdpConnections
  /** Undefined when there is to be none. */
  readonly dht: DhtDesk | undefined
  /** Undefined when nobody around is to hear of us. */
  readonly lsd: LsdDesk | undefined
  readonly web: WebConnections
  readonly dialBudget: DialBudget
  /** Payload bytes that may still be requested. */
  readonly downloadBucket: TokenBucket
  /** Payload bytes that may still be sent. */
  readonly uploadBucket: TokenBucket
  /** Blocks that were read for peers. */
  readonly imageShelf: ImageShelf
  readonly encryption: Encryption
  /** What encrypted callers may ask for. */
  readonly infoHashes: InfoHashIndex
  /** 20 bytes, ours for the life of the client. */
  readonly peerId: Uint8Array
  readonly own: OwnAddresses
  /** Where we accept connections. */
  readonly port: () => number
}
