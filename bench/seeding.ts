/**
 * `npm run bench:seeding [-- OPTIONS]`: how fast our seed serves a few leechers that throw everything away, beside
 * libtorrent when it is installed. Both seed at once and are asked in turns, so that a machine that slows down
 * slows both; prints medians, and our lead in each round.
 *
 *   --pieces KIB,...  piece lengths (16,64,256,1024,4096,16384)     --size MIB     payload, in memory (512)
 *   --peers N         leechers (8)                                  --seconds N    of each turn (3)
 *   --random          each block is another one, not the next       --rounds N     counted rounds (5)
 */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from './addresses.js'
import { Crowd } from './crowd.js'
import { median } from './median.js'
import { type PayloadFile, writeRandomFile } from './payload.js'
import { cpuSecondsOf, peakBytesOf } from './process-usage.js'
import { installedSeeds, type RunningSeed } from './seeds.js'
import { hashPayload, type TorrentInfo, writeTorrent } from './torrent.js'
import { makeWorkspace } from './workspace.js'

const { values } = parseArgs({
  options: {
    pieces: { type: 'string', default: '16,64,256,1024,4096,16384' },
    peers: { type: 'string', default: '8' },
    size: { type: 'string', default: '512' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    random: { type: 'boolean', default: false },
  },
})

const GIB = 2 ** 30
/** Until all are connected and served. */
const WARM_UP_MS = 500

interface Contestant {
  readonly name: string
  readonly port: number
  readonly seed: RunningSeed
  /** One entry a counted round. */
  readonly bytesPerSecond: number[]
  readonly cpuSecondsPerGib: number[]
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
const folder = makeWorkspace(existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
const payload = writeRandomFile(join(folder, 'payload.bin'), Number(values.size) * 2 ** 20)
const peerCount = Number(values.peers)
for (const kib of values.pieces.split(',').map(Number)) await compare(payload, kib)

/** The first round warms up and is not counted. */
async function compare(file: PayloadFile, pieceKib: number): Promise<void> {
  const torrent = hashPayload({ files: [file], pieceLengthBytes: pieceKib * 1024 })
  const torrentPath = join(folder, 'payload.torrent')
  writeTorrent(torrentPath, torrent, undefined)
  const contestants: Contestant[] = []
  for (const { name, start } of installedSeeds()) {
    const port = await freePort()
    const seed = await start({ torrent: torrentPath, folder, port, peerCount })
    contestants.push({ name, port, seed, bytesPerSecond: [], cpuSecondsPerGib: [] })
  }
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const contestant of contestants) await takeTurn(contestant, torrent, round > 0)
  }
  console.log(`\n${pieceKib} KiB pieces, ${peerCount} leechers${values.random ? ', random blocks' : ''}`)
  for (const contestant of contestants) console.log(describe(contestant, contestants[0]!))
  await Promise.all(contestants.map(({ seed }) => seed.stop()))
}

async function takeTurn(contestant: Contestant, torrent: TorrentInfo, isCounted: boolean): Promise<void> {
  const { port, seed } = contestant
  const crowd = new Crowd({ torrent, port, peerCount, isRandom: values.random })
  await sleep(WARM_UP_MS)
  const before = { bytes: sum(await crowd.count()), cpu: cpuSecondsOf(seed.pid), at: performance.now() }
  await sleep(Number(values.seconds) * 1000)
  const bytes = sum(await crowd.count()) - before.bytes
  const seconds = (performance.now() - before.at) / 1000
  const cpuSeconds = cpuSecondsOf(seed.pid) - before.cpu
  await crowd.dismiss()
  if (!isCounted) return
  contestant.bytesPerSecond.push(bytes / seconds)
  contestant.cpuSecondsPerGib.push(cpuSeconds / (bytes / GIB))
}

function describe({ name, seed, bytesPerSecond, cpuSecondsPerGib }: Contestant, own: Contestant): string {
  const mbs = (median(bytesPerSecond) / 1e6).toFixed(0).padStart(5)
  const cpu = median(cpuSecondsPerGib).toFixed(2)
  const peak = (peakBytesOf(seed.pid) / 2 ** 20).toFixed(0).padStart(4)
  const costs = `${name.padEnd(18)}${mbs} MB/s  ${cpu} CPU s/GiB  ${peak} MiB at most`
  if (seed === own.seed) return costs
  const leads = bytesPerSecond.map((speed, round) => own.bytesPerSecond[round]! / speed)
  return `${costs}  swarmfetch ÷ this ${median(leads).toFixed(2)} (${leads.map((lead) => lead.toFixed(2)).join(' ')})`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
