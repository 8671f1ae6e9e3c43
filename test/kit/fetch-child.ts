/** The program that {@link fetchInChild} runs. It never calls `process.exit`. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fetchTorrent } from '../../src/client/fetch-torrent.js'
import type { ChildPlan, Moment } from './fetch-in-child.js'

const plan = JSON.parse(process.argv[2]!) as ChildPlan
const escaped: string[] = []
let outcome = 'unsettled'
let leftOpen: string[] = []

process.on('uncaughtException', (error) => escaped.push(String(error)))
process.on('unhandledRejection', (reason) => escaped.push(String(reason)))
process.on('exit', () => process.stdout.write(JSON.stringify({ outcome, escaped, leftOpen })))

/** Of the process itself: its standard output, and modules that it has just read. */
const STANDARD = ['PipeWrap', 'CloseReq']

const stop = new AbortController()

function reach(moment: Moment): void {
  if (plan.abortAt === moment) stop.abort()
  if (plan.throwAt === moment) throw new Error('thrown by the listener')
}

reach('before')
const fetching = fetchTorrent(plan.torrentPath, {
  workers: 1,
  useTrackers: false,
  dht: false,
  lsd: false,
  ...plan.options,
  output: plan.output,
  peers: plan.peers,
  signal: stop.signal,
  progressIntervalMs: 10,
  onProgress: () => reach('progress'),
  onNotice: (notice) => reach(`notice:${notice.type === 'phase' ? notice.phase : notice.type}`),
})
reach('called')
outcome = await fetching.then(
  () => 'resolved',
  (error: Error & { code?: string }) => error.code ?? error.message,
)
// Handles that were closed just now are listed until the event loop has come round.
await nextTurn()
await nextTurn()
leftOpen = process.getActiveResourcesInfo().filter((name) => !STANDARD.includes(name))
