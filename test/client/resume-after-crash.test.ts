import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { decodeResume } from '../../src/storage/resume-record.js'
import { scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeTorrent } from '../kit/made-torrent.js'
import { startChild } from '../kit/running-child.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'

const KIB = 1024
const MIB = 1024 * KIB

/**
 * A download that is killed after so many milliseconds, and then the same again. The first save comes after five
 * seconds; what came later is lost, and nothing else.
 */
async function killAndResume(t: TestContext, folder: string, killAfterMs: number): Promise<void> {
  const made = makeTorrent({
    folder: 'f',
    files: { a: 5 * MIB, 'b/c': 3 * MIB + 7, d: 100, e: 24 * MIB },
    pieceLength: 64 * KIB,
  })
  const output = join(folder, 'out')
  mkdirSync(output)
  const seed = await ScriptedPeer.listen(t, made)
  const limit = { maxDownloadBytesPerSecond: 3 * MIB }
  const child = startChild(t, made, { output, peers: [seed.address] }, limit)
  await child.until(({ phase }) => phase === 'downloading')
  await new Promise((resolve) => setTimeout(resolve, killAfterMs))
  child.kill()
  await child.exit
  const resumePath = join(output, `.${made.metainfo.infoHash.hex}.resume`)
  const saved = existsSync(resumePath) ? decodeResume(readFileSync(resumePath), made.metainfo) : undefined
  const verified = child.latest!.verifiedPieces
  assert.ok(verified > 0, 'nothing had come in')

  const { pieceCount } = made.metainfo.geometry
  const again = await ScriptedPeer.listen(t, made)
  const second = startChild(t, made, { output, peers: [again.address] })
  assert.equal(await second.exit, 0)
  assertFiles(made, output)
  const asked = new Set(again.requests.map(({ index }) => index))
  const { bytesToCheck } = second.latest!
  if (saved === undefined || saved.have.count === 0) {
    // Nothing is remembered: everything that is there is read.
    assert.ok(bytesToCheck > 0)
    assert.ok(asked.size <= pieceCount - verified)
  } else {
    assert.equal(bytesToCheck, 0)
    const missing = Array.from({ length: pieceCount }, (_, index) => index).filter(
      (index) => !saved.have.has(index),
    )
    assert.deepEqual(
      [...asked].sort((a, b) => a - b),
      missing,
    )
    // What came in between the save and the kill was on its way for less than two saves.
    assert.ok(verified - saved.have.count <= (10 * limit.maxDownloadBytesPerSecond) / (64 * KIB))
  }
  assert.deepEqual(second.escaped, [])
}

test('a download that is killed goes on from what it had saved', { timeout: 60_000 }, async (t) => {
  const momentsMs = [
    Math.random() * 3_000 + 500,
    Math.random() * 1_000 + 5_050,
    Math.random() * 2_000 + 6_000,
  ]
  await Promise.all(momentsMs.map((ms) => killAndResume(t, scratchFolder(t), ms)))
})
