import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { StoppedError } from '../../src/core/errors.js'
import {
  CHOKE,
  encodeExtended,
  encodeHaves,
  encodeRequests,
  UNCHOKE,
} from '../../src/wire/encode-messages.js'
import { EXTENSION_HANDSHAKE_ID } from '../../src/wire/extension-handshake.js'
import { bansOf, fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, type MadeTorrent, makeSingle } from '../kit/made-torrent.js'
import {
  blockHead,
  fullBitfield,
  listenMany,
  type PeerLink,
  type PeerScript,
  ScriptedPeer,
} from '../kit/scripted-peer.js'

const KIB = 1024
const TIMEOUT = { timeout: 10_000 }

/** What a peer says beyond its handshake, and the code it is banned with, if it is. */
interface Rudeness {
  readonly say: (link: PeerLink) => void
  readonly ban?: string
}

const RUDE: Readonly<Record<string, Rudeness>> = {
  'says that it has piece 4,294,967,295': {
    say: (link) => link.send(encodeHaves([0xffffffff])),
    ban: 'UNKNOWN_PIECE',
  },
  'says that it has the piece after the last': {
    say: (link) => link.send(encodeHaves([link.peer.torrent.metainfo.geometry.pieceCount])),
    ban: 'UNKNOWN_PIECE',
  },
  'sends its bitfield again and again': {
    say: (link) => link.send(...Array.from({ length: 100 }, () => fullBitfield(link.peer.torrent))),
  },
  'sets spare bits of its bitfield': {
    say: (link) => link.send(fullBitfield(link.peer.torrent).fill(0xff, 5)),
    ban: 'BAD_MESSAGE',
  },
  'sends a bitfield that is too long': {
    say: (link) => link.send(Buffer.of(0, 0, 1, 0, 5), Buffer.alloc(255)),
    ban: 'BAD_MESSAGE',
  },
  'announces a message of 4 GiB': {
    say: (link) => link.send(Buffer.of(255, 255, 255, 255, 7)),
    ban: 'FRAME_TOO_LONG',
  },
  'sends an extension handshake of 1 MiB of nested lists': {
    say: (link) => link.send(encodeExtended(EXTENSION_HANDSHAKE_ID, Buffer.alloc(1_000_000, 'l'))),
    ban: 'BAD_MESSAGE',
  },
  'sends a block at no block boundary': {
    say: (link) => link.send(blockHead({ index: 0, begin: 1 }, 100), Buffer.alloc(100)),
    ban: 'BAD_MESSAGE',
  },
  'sends a block of a piece that does not exist': {
    say: (link) => link.send(blockHead({ index: 0x80000000, begin: 0 }, 100), Buffer.alloc(100)),
    ban: 'UNKNOWN_PIECE',
  },
  'asks for blocks while it is choked, fifty thousand times': {
    say(link) {
      const requests = Array.from({ length: 1_000 }, (_, nth) => ({
        index: 0,
        begin: nth * 16,
        length: 16 * KIB,
      }))
      for (let times = 0; times < 50; times++) link.send(encodeRequests(requests))
    },
  },
  'sends keep-alives and unknown messages without end': {
    say(link) {
      const unknown = Buffer.of(0, 0, 0, 1, 99)
      for (let times = 0; times < 300; times++) link.send(Buffer.alloc(4_000), unknown, unknown)
    },
    ban: 'FLOODING',
  },
  'says without end that it has a piece': {
    say: (link) => link.send(encodeHaves(new Array<number>(300_000).fill(3))),
    ban: 'FLOODING',
  },
  'introduces itself without end': {
    say(link) {
      const hello = encodeExtended(EXTENSION_HANDSHAKE_ID, Buffer.from('de'))
      link.send(...new Array<Buffer>(20_000).fill(hello))
    },
    ban: 'FLOODING',
  },
}

for (const [what, { say, ban }] of Object.entries(RUDE)) {
  const consequence = ban === undefined ? 'is borne' : `is banned with ${ban}`
  test(`a peer that ${what} ${consequence}; the download goes on`, TIMEOUT, async (t) => {
    // Its pieces are not a multiple of eight, so that the bitfield has spare bits.
    const torrent = makeSingle(1_000_000, 60 * KIB)
    const script: PeerScript = {
      greeted(link) {
        link.greet()
        say(link)
      },
    }
    const { notices, bad } = await fetchBeside(t, torrent, script)
    assert.deepEqual(bansOf(notices, bad), ban === undefined ? [] : [ban])
    if (ban !== undefined) assert.equal(bad.links.length, 1)
  })
}

/** The good peer keeps its blocks back until the bad one has had its say and we have answered. */
async function fetchBeside(
  t: TestContext,
  torrent: MadeTorrent,
  script: PeerScript,
  others: readonly ScriptedPeer[] = [],
) {
  const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script })
  const said = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const isOver = bad.links.some(({ socket }) => socket.destroyed || socket.writableLength === 0)
      if (isOver) resolve(clearInterval(timer))
    }, 20)
    t.after(() => clearInterval(timer))
  })
  const patient: PeerScript = { requested: (link, request) => void said.then(() => link.sendBlock(request)) }
  const good = await ScriptedPeer.listen(t, torrent, { host: 3, script: patient })
  const output = scratchFolder(t)
  const { notices } = await fetchFrom(torrent, [...others, bad, good], { output })
  assertFiles(torrent, output)
  assert.deepEqual(bansOf(notices, good), [])
  return { notices, bad, good }
}

/** What answers our handshake on other ports of the world. */
const STRANGERS: Readonly<Record<string, (link: PeerLink) => void>> = {
  'an HTTP server': (link) =>
    link.send(Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'.padEnd(80))),
  'random bytes': (link) => link.send(randomBytes(100_000)),
  'a peer of another torrent': (link) => {
    link.greet(randomBytes(20))
    link.offer()
  },
}

for (const [who, answer] of Object.entries(STRANGERS)) {
  test(`${who} at the address is left alone`, TIMEOUT, async (t) => {
    const torrent = makeSingle(500_000, 64 * KIB)
    const { bad } = await fetchBeside(t, torrent, { greeted: answer })
    assert.equal(bad.requests.length, 0)
    assert.equal(bad.links[0]!.socket.destroyed, true)
  })
}

test('we recognise ourselves by our peer id and never dial that address again', TIMEOUT, async (t) => {
  const torrent = makeSingle(500_000, 64 * KIB)
  const mirror: PeerScript = {
    connected: (link) => {
      link.socket.on('data', (bytes) => link.send(bytes))
    },
    greeted() {},
  }
  const { notices, bad } = await fetchBeside(t, torrent, mirror)
  assert.deepEqual(bansOf(notices, bad), [])
  assert.equal(bad.links.length, 1)
})

test('the same peer under two addresses is one connection', TIMEOUT, async (t) => {
  const torrent = makeSingle(2_000_000, 64 * KIB)
  const peers = await Promise.all(
    [2, 3].map((host) => ScriptedPeer.listen(t, torrent, { host, peerId: '-XX0001-twins' })),
  )
  const output = scratchFolder(t)
  await fetchFrom(torrent, peers, { output })
  assertFiles(torrent, output)
  assert.equal(peers.filter(({ requests }) => requests.length > 0).length, 1)
})

test(
  'who floods us with blocks that nobody asked for is banned, and memory stays as it is',
  TIMEOUT,
  async (t) => {
    const torrent = makeSingle(30_000_000, 64 * KIB)
    const flood: PeerScript = {
      greeted(link) {
        link.greet()
        const block = Buffer.concat([blockHead({ index: 400, begin: 0 }, 16 * KIB), Buffer.alloc(16 * KIB)])
        const pour = (): void => {
          if (!link.socket.destroyed) link.socket.write(block, pour)
        }
        pour()
      },
    }
    const bad = await ScriptedPeer.listen(t, torrent, { host: 2, script: flood })
    const good = await ScriptedPeer.listen(t, torrent, { host: 3, script: { interested() {} } })
    const stop = new AbortController()
    const output = scratchFolder(t)
    const bans: string[] = []
    const fetching = fetchFrom(torrent, [bad, good], {
      output,
      signal: stop.signal,
      onNotice(notice) {
        if (notice.type !== 'peerBanned') return
        bans.push(`${notice.peer} ${notice.code}`)
        stop.abort()
      },
    })
    await assert.rejects(fetching, StoppedError)
    assert.deepEqual(bans, [`${bad.name} UNWANTED_BLOCKS`])
  },
)

/** Each of these fits many thousand times into one read of a socket. */
const FLAPS: Readonly<Record<string, Buffer>> = {
  'choking and unchoking': Buffer.concat([CHOKE, UNCHOKE]),
  choking: CHOKE,
  unchoking: UNCHOKE,
}

for (const [what, flap] of Object.entries(FLAPS)) {
  test(`${what} a million times costs the others next to nothing`, TIMEOUT, async (t) => {
    const torrent = makeSingle(4_000_000, 64 * KIB)
    const flaps = Buffer.concat(Array.from({ length: 50_000 }, () => flap))
    const flapper: PeerScript = {
      greeted(link) {
        link.greet()
        for (let times = 0; times < 20; times++) link.send(flaps)
      },
    }
    const idle: PeerScript = {
      greeted(link) {
        link.greet()
        link.unchoke()
      },
    }
    const others = await listenMany(t, torrent, 60, idle)
    const { bad } = await fetchBeside(t, torrent, flapper, others)
    assert.equal(bad.requests.length, 0)
  })
}
