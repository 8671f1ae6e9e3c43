import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BlockRequest } from '../../src/wire/messages.js'
import { Leecher } from '../kit/leecher.js'
import { type MadeTorrent, makeSingle, makeTorrent } from '../kit/made-torrent.js'
import { openClient, startSeed } from '../kit/seeding.js'

const KIB = 1024
const MIB = 1024 * KIB
const TIMEOUT = { timeout: 20_000 }
const PER_SECOND = 1_000_000
const WHILE_MS = 1_500

/** Asks for more than it can get, and takes what comes. */
async function leech(
  t: TestContext,
  made: MadeTorrent,
  port: number,
  lengthBytes = 16 * KIB,
): Promise<Leecher> {
  const leecher = await Leecher.unchoked(t, made, port)
  const perPiece = made.metainfo.geometry.pieceLength / lengthBytes
  const requests = Array.from({ length: 1_000 }, (_, nth): BlockRequest => {
    const piece = Math.floor(nth / perPiece) % made.metainfo.geometry.pieceCount
    return { index: piece, begin: (nth % perPiece) * lengthBytes, length: lengthBytes }
  })
  leecher.request(...requests)
  leecher
    .block()
    .then(async () => {
      for (;;) await leecher.block()
    })
    .catch(() => {})
  return leecher
}

/** What each of them got in a while, in bytes; and how much all may have got. */
async function measure(leechers: readonly Leecher[], startedMs: number) {
  await sleep(WHILE_MS)
  const got = leechers.map(({ blockBytes }) => blockBytes)
  const allowed = PER_SECOND / 4 + ((performance.now() - startedMs) / 1000) * PER_SECOND
  return { got, total: got.reduce((sum, bytes) => sum + bytes, 0), allowed }
}

for (const where of ['client', 'torrent'] as const) {
  for (const lengthBytes of [16 * KIB, 128 * KIB]) {
    test(
      `the upload limit of the ${where} holds, and is shared evenly, with requests of ${lengthBytes / KIB} KiB`,
      TIMEOUT,
      async (t) => {
        const limit = { maxUploadBytesPerSecond: PER_SECOND }
        const made = makeSingle(4 * MIB, 256 * KIB)
        const client = openClient(t, where === 'client' ? limit : {})
        const startedMs = performance.now()
        const { port } = await startSeed(t, made, { client, ...(where === 'torrent' ? limit : {}) })
        const leechers = await Promise.all([1, 2, 3].map(() => leech(t, made, port, lengthBytes)))
        const { got, total, allowed } = await measure(leechers, startedMs)
        // A block that would exceed the limit is sent whole, and paid for later.
        assert.ok(total <= allowed + lengthBytes, `${total} bytes where ${allowed} were allowed`)
        assert.ok(Math.min(...got) * 3 >= Math.max(...got), `unequal: ${got}`)
        assert.ok(Math.min(...got) > 0)
      },
    )
  }
}

test('the upload limit of a client is shared by its torrents', TIMEOUT, async (t) => {
  const client = openClient(t, { maxUploadBytesPerSecond: PER_SECOND })
  const startedMs = performance.now()
  const leechers = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const made = makeTorrent({ files: { [name]: 2 * MIB }, pieceLength: 256 * KIB })
      const { port } = await startSeed(t, made, { client })
      return await leech(t, made, port)
    }),
  )
  const { got, total, allowed } = await measure(leechers, startedMs)
  assert.ok(total <= allowed + 16 * KIB, `${total} bytes where ${allowed} were allowed`)
  assert.ok(Math.min(...got) * 3 >= Math.max(...got), `unequal: ${got}`)
})
