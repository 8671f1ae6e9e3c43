/**
 * Every limit and default in one place, each with its unit and its reason. Limits protect the process from
 * hostile input; defaults are what most people want and every one of them can be set.
 */
import { availableParallelism } from 'node:os'

const KIB = 1024
const MIB = 1024 * KIB

export const LIMITS = {
  /** Mail, name and login servers have the ports below: a crowd of strangers is a flood to them. */
  firstFreePort: 1_024,
  /** A .torrent of 10 MB describes 400,000 pieces; larger ones are attacks or mistakes. */
  torrentFileBytes: 10_000_000,
  /** An info dict that comes from peers: their word is all there is until it is there, so memory is at stake. */
  metadataBytes: 30 * MIB,
  /** Deep nesting has no use in a .torrent and overflows recursive decoders. */
  bencodeDepth: 100,
  /** Values in one bencoded text: what 10 MB of honest metainfo can hold, and no more. */
  bencodeTokens: 3_000_000,
  /** As many as libtorrent takes: what each peer has costs 256 KiB then. */
  pieceCount: 2_097_152,
  /** Twice what is offered to those who make torrents. One wrong byte costs a piece, so larger ones serve nobody. */
  pieceLengthBytes: 512 * MIB - 16 * KIB,
  /** Folders in folders: far beyond what people have, and each is looked up whenever a file is opened. */
  pathDepth: 100,
  /** Bytes of UTF-8 in one path component, after cleaning: leaves room for a suffix below the 255 of file systems. */
  nameBytes: 240,

  /** A bitfield of 2,097,152 pieces takes 256 KiB; nothing else comes near. */
  wireMessageBytes: MIB,
  /** Requests to one peer when its `reqq` is not known (BEP 10 has no default; 250 is what clients assume). */
  requestsWithoutReqq: 250,
  /** Requests to a peer, whatever its `reqq`: 31 MiB on their way. */
  requestsPerPeer: 2_000,
  /** Requests that a peer may have waiting with us: what we tell it as our own `reqq`. */
  requestsQueuedByPeer: 2_000,
  /**
   * Blocks that go out in one write when they are encrypted. That is a copy, which stays in memory as long as
   * a slow peer pleases: with 256 of them, 16 MiB.
   */
  encryptedWriteBytes: 64 * KIB,
  /** What a peer may fetch though it is choked (BEP 6): a few pieces to begin with, but at least one. */
  allowedFastBytes: 16 * MIB,
  /** Messages that are no blocks: at once, and lastingly. Far beyond any honest peer, and cheap to hear. */
  chatterMessages: 100_000,
  chatterPerSecond: 2_000,
  /** Time for a lost SYN to be sent again, three times. */
  connectMs: 15_000,
  /** Who is there answers at once; a slow or mute one holds a place that others wait for. */
  handshakeMs: 10_000,
  /** BEP 3 has a keep-alive every two minutes, and aria2 sends it no earlier: it must have time to arrive. */
  idleMs: 180_000,
  /** A keep-alive goes out after this long without sending (BEP 3: peers close at two minutes). */
  keepAliveMs: 100_000,
  /** A block that has not come after this long is asked of somebody else; scaled by the peer's own pace. */
  requestMinMs: 20_000,
  requestMaxMs: 60_000,

  /** Addresses of one torrent: far more than it connects to, so that dead ones do not leave it without any. */
  peersKnown: 3_000,
  /** Of all torrents together: routers drop what comes in floods. */
  connectsPerSecond: 50,
  halfOpen: 50,
  /** Encrypted handshakes with callers: each costs 0.1 ms of arithmetic, so all of them a twentieth of a core. */
  encryptedGreetingsPerSecond: 500,

  /** 3,000 peers take a third of it when they come as dictionaries. */
  trackerBodyBytes: MIB,
  /** Each is another server to wait for; honest ones need one or two. */
  trackerRedirects: 5,
  /** For the whole of an announce over HTTP; its tier has others. */
  trackerTimeoutMs: 15_000,
  /** To one HTTP tracker over one family: a client of a thousand torrents is not to come as a thousand. */
  trackerConnections: 64,
  /** The first wait for a UDP tracker; each further one is twice as long (BEP 15). */
  udpTrackerWaitMs: 15_000,
  /** Packets to a silent UDP tracker before the announce fails; the announcer then makes pauses of its own. */
  udpTrackerSends: 4,
  /** Torrents in one scrape: the answer still fits into an unfragmented packet (BEP 15). */
  scrapedTorrents: 74,
  /** How long the exit may wait for trackers to hear `stopped`. */
  trackerStopMs: 1_000,

  /** A packet of the DHT: honest ones fit into 1,500 bytes, a few are sent in parts. */
  dhtPacketBytes: 4_096,
  /** A node that has not answered after this long counts as gone; there are plenty of others. */
  dhtAnswerMs: 2_000,
  /** Questions that nodes of the DHT have not answered. */
  dhtQuestionsAtOnce: 16,
  /** A look-up asks 60 to 150 nodes; beyond this somebody leads it on. Of one public address it asks few. */
  dhtQuestionsPerLookup: 300,
  dhtQuestionsPerHost: 3,
  /** The nodes nearest to an info hash that are told of us. BEP 5 says 8; some of them will be gone soon. */
  dhtAnnounces: 16,
  /** Info hashes looked for at once. */
  dhtLookups: 4,
  /** BEP 5 says 8; some send more. */
  dhtNodesPerAnswer: 20,
  /** An unfragmented packet holds hardly more. */
  dhtPeersPerAnswer: 100,
  /** Of all nodes together; beyond that, few of each. */
  dhtPeersPerLookup: 500,
  dhtPeersOfEachNode: 8,
  /** Peers that others have announced to us. */
  dhtPeersKept: 10_000,
  /** Questions of other nodes that we answer: of all, and of one address. */
  dhtQuestionsPerSecond: 200,
  dhtQuestionsPerSecondOfOne: 10,
  /** Of one on a network of ours, where one may have hundreds of torrents, or be many. */
  dhtQuestionsPerSecondOfNeighbour: 100,
  /** Strangers who asked us something and are asked in turn whether they are nodes. */
  dhtIntroductionsPerSecond: 5,
  /** Nodes remembered from run to run, and the longest file that may hold them. */
  dhtNodesSaved: 100,
  dhtNodeFileBytes: 16 * KIB,

  /** As for trackers: mirrors send on to another server, seldom twice. */
  webSeedRedirects: 5,
  /** What Node's own servers and clients take. */
  webSeedHeaderBytes: 16 * KIB,
  /** Connections to one host while there are peers, and without any; browsers use six. */
  webSeedConnections: 4,
  webSeedConnectionsAlone: 8,
  /** To all web seeds of all torrents together. */
  webSeedConnectionsInAll: 32,
  /** A server that refused another connection is tried for one more after so long, unless it says when. */
  webSeedMoreLanesMs: 60_000,
  /** Blocks asked of one connection: two runs, of which the next can be asked for before the last is there. */
  webSeedRequests: 128,
  /** A connection that brings nothing for so long is given up, and one that has nothing to bring. */
  webSeedSilenceMs: 20_000,
  webSeedIdleMs: 10_000,
  /** The longest wait that a server may ask for. */
  webSeedRetryAfterMs: 600_000,
  /** So much is read and thrown away for what follows on it: cheaper than a new connection. */
  webSeedSkipBytes: 128 * KIB,
  /** Likewise where a server sends whole files only: cheaper than to do without it. */
  webSeedWholeSkipBytes: 4 * MIB,

  /** File handles open at once, all torrents together: well below the 1,024 of a default shell. */
  openFiles: 128,
} as const

export const DEFAULTS = {
  /** Piece bytes in memory, all torrents together, before peers are made to wait. */
  memoryBytes: 64 * MIB,
  /** Connections of one torrent. */
  maxPeers: 200,
  /** Blocks kept in memory for upload, all torrents together: 256 peers at different places find theirs once. */
  uploadCacheBytes: 64 * MIB,
  /** Peers that are served at once: few while downloading, so that those who give are rewarded. */
  uploadSlotsDownloading: 16,
  uploadSlotsSeeding: 256,
  /** The port told to trackers. */
  port: 6881,
  /** The nodes that everybody begins with in the DHT. */
  dhtBootstrap: [
    { host: 'dht.libtorrent.org', port: 25_401 },
    { host: 'dht.transmissionbt.com', port: 6881 },
    { host: 'router.bittorrent.com', port: 6881 },
    { host: 'router.utorrent.com', port: 6881 },
  ],
  /** Threads that hash and write. One SHA-1 thread keeps up with 1 to 2 GB/s, so few are needed. */
  workers: Math.max(1, Math.min(4, availableParallelism() - 1)),
} as const
