/** What other people's programs make of what we say of ourselves (BEP 6, BEP 10, BEP 21). */
import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import type { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, peerOf, startLibtorrent } from '../kit/real-seeds.js'

const PIECE_BYTES = 65_536
/** Of each of two files. */
const PIECE_COUNT = 40
const NO_OTHERS = ['--no-trackers', '--no-pex', '--no-dht', '--no-lsd', '--port', '0']

const folder = join(newFolder(), 'set')
const files = ['a.bin', 'b.bin'].map((name) => writeRandomFile(join(folder, name), PIECE_COUNT * PIECE_BYTES))
const torrent = join(newFolder(), 'set.torrent')
writeTorrent(torrent, hashPayload({ files, folder, pieceLengthBytes: PIECE_BYTES }), undefined)

async function startEmptyLibtorrent(t: TestContext) {
  const plan = { torrent, folder: newFolder(), place: await loopbackPlace() }
  return { plan, peer: await startLibtorrent(t, plan) }
}

/** Asks again and again until the answer is such. */
async function says(process: RealProcess, question: string, answer: RegExp): Promise<void> {
  await process.until(async () => {
    process.tell(question)
    return answer.test(process.said)
  })
}

describe('libtorrent', { concurrency: true, skip: needs('libtorrent') }, () => {
  test('sees that our seed has everything and wants nothing', async (t) => {
    const { plan, peer } = await startEmptyLibtorrent(t)
    const slowly = ['--max-upload', '200K', '--peer', peerOf(plan)]
    new CliProcess(t, ['seed', torrent, folder, ...slowly, ...NO_OTHERS])
    await says(peer, 'peers', /^peer swarmfetch [\d.]+ seed upload_only$/m)
  })

  test('gets all that a download of ours has which is of a part, though that wants nothing', async (t) => {
    const seed = { torrent, folder: dirname(folder), place: await loopbackPlace(), uploadRate: 2_000_000 }
    await startLibtorrent(t, seed)
    const { plan, peer } = await startEmptyLibtorrent(t)
    const output = newFolder()
    const peers = ['--peer', peerOf(seed), '--peer', peerOf(plan)]
    const args = [torrent, '-o', output, '--select', 'a.bin', '--seed-time', '1h', ...peers, ...NO_OTHERS]
    const get = new RealGet(t, args)
    await get.until(({ event }) => event === 'complete')
    assertSameFile(join(output, basename(folder), 'a.bin'), files[0]!.location)
    await says(peer, 'pieces', new RegExp(`^pieces ${PIECE_COUNT}$`, 'm'))
    assert.doesNotMatch(peer.said, /^complete$/m)
  })
})
