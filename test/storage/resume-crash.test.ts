import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { PieceIndex } from '../../src/core/geometry.js'
import { seededDice } from '../kit/dice.js'
import { crashedTorrent } from './crashed-torrent.js'
import { scratchFolder, scratchPool, scratchStorage } from './sample-torrent.js'

const CRASHING_RUN = fileURLToPath(new URL('crashing-run.js', import.meta.url))

/** Then one run is left alone. */
const CRASHES = 12

interface Crash {
  /** How many pieces the run had when it began, and when its last save was done. */
  readonly began: number
  readonly saved: number
  readonly isComplete: boolean
}

/** Kills a run, with no chance to tidy up, once it has said so many lines; an early end is fine. */
async function crash(folder: string, seed: number, lineCount: number): Promise<Crash> {
  const child = spawn(process.execPath, [CRASHING_RUN, folder, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === lineCount) child.kill('SIGKILL')
  }
  await exited
  const countOf = (word: string) =>
    Number(lines.findLast((line) => line.startsWith(word))?.split(' ')[1] ?? 0)
  return { began: countOf('began'), saved: countOf('saved'), isComplete: lines.includes('complete') }
}

async function loadedCount(t: TestContext, folder: string): Promise<number> {
  const torrent = crashedTorrent()
  const storage = scratchStorage(t, torrent, folder, { pool: scratchPool(t) })
  const resumed = await storage.loadResume()
  if (resumed === undefined) return 0
  assert.equal(resumed.toCheck.count, 0, 'nothing but our own writes happened')
  for (let index = 0; index < resumed.have.size; index++) {
    if (!resumed.have.has(index)) continue
    assert.equal(await storage.verifyPiece(index as PieceIndex), 'stored', `piece ${index}`)
  }
  await storage.close()
  return resumed.have.count
}

test('however often a run is killed, no wrong piece is claimed and no saved one is lost', async (t) => {
  const folder = await scratchFolder(t)
  const dice = seededDice(5)
  let kept = 0
  let isComplete = false
  for (let nth = 0; nth <= CRASHES; nth++) {
    const lineCount = nth < CRASHES ? 1 + Math.floor(dice() * 25) : Number.POSITIVE_INFINITY
    const last = await crash(folder, nth, lineCount)
    assert.ok(last.began >= kept, `run ${nth} began with ${last.began} of ${kept} pieces`)
    kept = await loadedCount(t, folder)
    assert.ok(kept >= last.saved, `run ${nth} saved ${last.saved} pieces, ${kept} are left`)
    isComplete = last.isComplete
  }
  assert.ok(isComplete)
  assert.equal(kept, crashedTorrent().metainfo.geometry.pieceCount)
})
