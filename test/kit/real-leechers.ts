/** Other people's programs that download a torrent and serve what they have of it. Its trackers name their peers. */
import type { TestContext } from 'node:test'
import { newFolder } from './real-folders.js'
import type { RealManner } from './real-libtorrent.js'
import type { RealProcess } from './real-process.js'
import {
  runTransmission,
  type SeedPlace,
  type SeedPlan,
  startAria2,
  startLibtorrent,
  transmissionSays,
} from './real-seeds.js'

export interface RealLeecher {
  /** The folder into which it downloads. */
  readonly output: string
  readonly process: RealProcess
  /** Resolves when it says that it has everything; it goes on seeding. Rejects when it ends before. */
  complete(): Promise<void>
}

export interface LeecherPlace extends SeedPlace, RealManner {}

/** The path of the .torrent. */
export type StartLeecher = (t: TestContext, torrent: string, place: LeecherPlace) => Promise<RealLeecher>

export const startLeecher = {
  libtorrent: async (t, torrent, place) => {
    const output = newFolder()
    const process = await startLibtorrent(t, planOf(torrent, output, place))
    return { output, process, complete: () => process.says(/^complete$/m) }
  },
  aria2: async (t, torrent, place) => {
    const output = newFolder()
    const process = await startAria2(t, planOf(torrent, output, place))
    return { output, process, complete: () => process.says(/^[0-9a-f]{16} \d+ \//m) }
  },
  transmission: async (t, torrent, place) => {
    const output = newFolder()
    const process = runTransmission(t, planOf(torrent, output, place))
    const isComplete = () => transmissionSays(place, /Percent Done: 100%/)
    return { output, process, complete: () => process.until(isComplete) }
  },
} as const satisfies Record<string, StartLeecher>

function planOf(torrent: string, folder: string, place: LeecherPlace): SeedPlan {
  return { ...place, torrent, folder, place }
}
