/**
 * A run that is there to be killed: goes on where the last left off, stores the missing pieces in a random order
 * and saves its state every few of them. Says on stdout what it has done, one line each.
 *
 *   node crashing-run.js FOLDER SEED
 */
import type { PieceIndex } from '../../src/core/geometry.js'
import { HandleCache } from '../../src/storage/handle-cache.js'
import { PiecePool } from '../../src/storage/piece-pool.js'
import { TorrentStorage } from '../../src/storage/torrent-storage.js'
import { seededDice } from '../kit/dice.js'
import { crashedTorrent } from './crashed-torrent.js'
import { buffered } from './sample-torrent.js'

const PIECES_PER_SAVE = 3

async function run(folder: string, seed: number): Promise<void> {
  const torrent = crashedTorrent()
  const pool = new PiecePool({ maxThreads: 1 })
  const storage = new TorrentStorage({
    metainfo: torrent.metainfo,
    folder,
    selected: () => true,
    allocate: 'sparse',
    pool,
    handles: new HandleCache(2),
  })
  const resumed = await storage.loadResume()
  const have = await storage.verifyExisting(resumed && { only: resumed.toCheck })
  for (let index = 0; index < have.size; index++) if (resumed?.have.has(index)) have.set(index)
  await storage.prepare()
  say(`began ${have.count}`)
  const dice = seededDice(seed)
  const missing = [...Array(have.size).keys()].filter((index) => !have.has(index)) as PieceIndex[]
  const saves: Promise<void>[] = []
  while (missing.length > 0) {
    const [index] = missing.splice(Math.floor(dice() * missing.length), 1)
    const { buffer, pieces } = buffered(torrent, [index!])
    await storage.storePieces(buffer, pieces)
    have.set(index!)
    say(`stored ${have.count}`)
    if (have.count % PIECES_PER_SAVE > 0) continue
    const { count } = have
    const state = { have, uploadedBytes: 0, downloadedBytes: 0, isClean: false }
    // Not awaited: pieces go on being written meanwhile.
    saves.push(storage.saveResume(state).then(() => say(`saved ${count}`)))
  }
  await Promise.all(saves)
  await storage.saveResume({ have, uploadedBytes: 0, downloadedBytes: 0, isClean: true })
  say('complete')
  await storage.close()
  await pool.close()
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

await run(process.argv[2]!, Number(process.argv[3]))
