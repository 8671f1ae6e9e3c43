/**
 * `npm run bench:download [-- OPTIONS]`: downloads over loopback with swarmfetch and with every other downloader
 * that is installed, in alternating rounds, and writes `bench/RESULTS.md` and `bench/results.svg`.
 *
 *   --size MIB        payload (1024)            --pieces KIB,...  piece lengths, with 8 peers
 *   --rounds N        counted rounds (5)        --peers N,...     peer counts, with pieces of 512 KiB
 *   --only NAME,...   some downloaders          --disk DIR        where payload and results lie (memory)
 *   --delay MS        peers answer so much later, as over a long distance; prints only
 *   --quick           a small payload, few scenarios and one round; prints only
 */
import { existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runContest, type Scenario } from './contest.js'
import {
  type Report,
  type Result,
  renderCharts,
  renderReport,
  renderTable,
  title,
} from './download-report.js'
import { installedDownloaders } from './downloaders.js'
import { writeRandomFile } from './payload.js'
import { makeWorkspace } from './workspace.js'

const KIB = 1024
const MIB = 1024 * KIB
const USUAL_PEERS = 8
const USUAL_PIECE_KIB = 512
const ALL = { size: '1024', rounds: '5', pieces: '16,64,256,1024,4096,16384,65536', peers: '1,8,50,300,500' }
const QUICK = { size: '256', rounds: '1', pieces: '64,1024,16384', peers: '1,50' }

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    rounds: { type: 'string' },
    pieces: { type: 'string' },
    peers: { type: 'string' },
    only: { type: 'string' },
    delay: { type: 'string', default: '0' },
    disk: { type: 'string', default: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() },
    quick: { type: 'boolean', default: false },
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

const usual = values.quick ? QUICK : ALL
/** Naming one axis leaves the other out. */
const axes =
  values.pieces === undefined && values.peers === undefined ? usual : { pieces: '', peers: '', ...values }
const payloadBytes = numbers(values.size ?? usual.size)[0]! * MIB
const roundCount = numbers(values.rounds ?? usual.rounds)[0]!
const delayMs = Number(values.delay)
const only = values.only?.split(',')
const downloaders = installedDownloaders().filter(({ name }) => only === undefined || only.includes(name))
if (downloaders.length === 0) throw new Error('none of these downloaders is installed')

const workspace = makeWorkspace(values.disk)
const payload = writeRandomFile(join(workspace, 'payload.bin'), payloadBytes)
const byPieceLength = await runAll(
  numbers(axes.pieces).map((kib) => ({ pieceLengthBytes: kib * KIB, peerCount: USUAL_PEERS, delayMs })),
)
const byPeerCount = await runAll(
  numbers(axes.peers).map((peerCount) => ({ pieceLengthBytes: USUAL_PIECE_KIB * KIB, peerCount, delayMs })),
)
if (!values.quick && delayMs === 0)
  writeReport({ payloadBytes, roundCount, downloaders, byPieceLength, byPeerCount })
process.exit()

async function runAll(scenarios: readonly Scenario[]): Promise<Result[]> {
  const results: Result[] = []
  for (const scenario of scenarios) {
    const standings = await runContest({ scenario, downloaders, roundCount, payload, workspace })
    const result = { scenario, standings }
    console.log(`\n${title(result)}\n${renderTable(result, payloadBytes)}`)
    results.push(result)
  }
  return results
}

function writeReport(report: Report): void {
  const folder = join(import.meta.dirname, '..', '..', 'bench')
  writeFileSync(join(folder, 'RESULTS.md'), renderReport(report, new Date()))
  writeFileSync(join(folder, 'results.svg'), renderCharts(report))
  console.log(`\nWritten to ${join('bench', 'RESULTS.md')} and ${join('bench', 'results.svg')}`)
}

function numbers(list: string): number[] {
  const found = list.split(',').filter((text) => text !== '')
  return found.map((text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < 1) throw new Error(`not a whole number above 0: ${text}`)
    return value
  })
}
