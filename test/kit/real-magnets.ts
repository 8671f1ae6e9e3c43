/** Other people's programs that begin with a magnet link. */
import type { TestContext } from 'node:test'
import { newFolder } from './real-folders.js'
import type { RealLeecher } from './real-leechers.js'
import { libtorrentMagnetCommand, libtorrentSettings } from './real-libtorrent.js'
import { RealProcess } from './real-process.js'
import {
  runTransmission,
  type SeedPlan,
  startAria2,
  tellTransmission,
  transmissionSays,
} from './real-seeds.js'

/** Its `torrent` is the link. */
export type MagnetPlan = Omit<SeedPlan, 'folder'>

export type StartMagnet = (t: TestContext, plan: MagnetPlan) => Promise<RealLeecher>

export const startMagnet = {
  libtorrent: async (t, plan) => {
    const output = newFolder()
    const { torrent, place } = plan
    const settings = JSON.parse(libtorrentSettings(plan)) as object
    const own = JSON.stringify({ ...settings, listen_interfaces: `${place.host}:${place.port}` })
    const command = libtorrentMagnetCommand(torrent, output, '-', own)
    const process = new RealProcess(t, { ...command, prefix: place.prefix ?? [] })
    return { output, process, complete: () => process.says(/^complete$/m) }
  },
  aria2: async (t, plan) => {
    const output = newFolder()
    const process = await startAria2(t, { ...plan, folder: output })
    return { output, process, complete: () => process.says(/^[0-9a-f]{16} \d+ \//m) }
  },
  transmission: async (t, plan) => {
    const output = newFolder()
    const process = runTransmission(t, { ...plan, folder: output })
    await process.until(() => tellTransmission(plan.place, plan.torrent))
    const isComplete = () => transmissionSays(plan.place, /Percent Done: 100%/)
    return { output, process, complete: () => process.until(isComplete) }
  },
} as const satisfies Record<string, StartMagnet>
