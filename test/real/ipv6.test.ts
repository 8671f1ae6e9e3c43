/** libtorrent and our programs with each other over ::1, and nothing but that. */
import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { startLeecher } from '../kit/real-leechers.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, peerOf, startLibtorrent } from '../kit/real-seeds.js'
import { startTracker } from '../kit/real-tracker.js'

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 3_000_001)
const folder = dirname(payload.location)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })

function torrentWith(tracker: string | undefined): string {
  const torrent = join(newFolder(), 'payload.torrent')
  writeTorrent(torrent, info, tracker)
  return torrent
}

function assertFetched(output: string): void {
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

describe('over ::1', { skip: needs('libtorrent'), concurrency: true }, () => {
  test('get downloads from libtorrent, named with --peer', async (t) => {
    const plan = { torrent: torrentWith(undefined), folder, place: await loopbackPlace('::1') }
    await startLibtorrent(t, plan)
    const output = newFolder()
    const args = [plan.torrent, '-o', output, '--peer', peerOf(plan), '--timeout', '20']
    const { code, stderr } = await new RealGet(t, args).outcome
    assert.equal(code, 0, stderr)
    assertFetched(output)
  })

  for (const scheme of ['http', 'udp'] as const) {
    test(`get finds libtorrent, and libtorrent our seed, through our tracker over ${scheme}`, async (t) => {
      const tracker = await startTracker(t, { host: '::1' })
      const torrent = torrentWith(tracker[scheme])
      const theirs = await startLibtorrent(t, { torrent, folder, place: await loopbackPlace('::1') })
      await theirs.says(/^announced$/m)
      const output = newFolder()
      const get = await new RealGet(t, [torrent, '-o', output, '--timeout', '20']).outcome
      assert.equal(get.code, 0, get.stderr)
      assertFetched(output)
      await theirs.kill()

      const ours = new CliProcess(t, ['seed', torrent, folder])
      await ours.until(({ type }) => type === 'trackerAnswered')
      const leecher = await startLeecher.libtorrent(t, torrent, await loopbackPlace('::1'))
      await leecher.complete()
      assertFetched(leecher.output)
    })
  }
})
