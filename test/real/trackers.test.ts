/** Peers found through opentracker, known to the download from the .torrent alone. */
import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, startLibtorrent } from '../kit/real-seeds.js'

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 3_000_001)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })

/** Its announce URL. Debian's build serves only info hashes on its list. */
async function startOpentracker(t: TestContext, infoHashes: readonly string[]): Promise<string> {
  const { host, port } = await loopbackPlace()
  const home = newFolder()
  writeFileSync(join(home, 'whitelist'), infoHashes.map((hash) => `${hash}\n`).join(''))
  // It makes the folder its root and becomes a user who owns nothing in it.
  chmodSync(home, 0o755)
  const args = ['-i', host, '-p', String(port), '-P', String(port), '-d', home, '-w', 'whitelist']
  const tracker = new RealProcess(t, { program: 'opentracker', args, cwd: home })
  const url = `http://${host}:${port}/announce`
  await tracker.until(() =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  )
  return url
}

function torrentWith(tracker: string): string {
  const torrent = join(newFolder(), 'payload.torrent')
  writeTorrent(torrent, info, tracker)
  return torrent
}

test('a download finds its peer through opentracker', {
  skip: needs('opentracker', 'libtorrent'),
}, async (t) => {
  const tracker = await startOpentracker(t, [info.infoHashHex])
  const torrent = torrentWith(tracker)
  const folder = dirname(payload.location)
  const seed = await startLibtorrent(t, { torrent, folder, place: await loopbackPlace() })
  await seed.says(/^announced$/m)
  const output = newFolder()
  const { code, events, stderr } = await new RealGet(t, [torrent, '-o', output, '--timeout', '20']).outcome
  assert.equal(code, 0, stderr)
  assert.ok(events.some((event) => event.type === 'trackerAnswered'))
  assertSameFile(join(output, basename(payload.location)), payload.location)
})

test('what opentracker says when it refuses a torrent is told', { skip: needs('opentracker') }, async (t) => {
  const torrent = torrentWith(await startOpentracker(t, []))
  const get = new RealGet(t, [torrent, '-o', newFolder(), '--timeout', '2'])
  const { code, events, stderr } = await get.outcome
  assert.equal(code, 4)
  assert.match(stderr, /not authorized .* \(NO_PEERS\)$/m)
  const refusal = events.find((event) => event.type === 'trackerFailed')
  assert.equal(refusal?.code, 'REFUSED')
})
