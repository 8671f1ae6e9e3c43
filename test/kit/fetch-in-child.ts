/**
 * Fetches in a process of its own, which must end by itself: whatever is left open keeps it running, and
 * whatever escapes the promise of the call is told apart from its outcome.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import type { PeerAddress } from '../../src/core/peer-address.js'
import type { MadeTorrent } from './made-torrent.js'

/** Moments at which something is to happen; `notice:x` is the notice of that type, or that phase. */
export type Moment = 'before' | 'called' | 'progress' | `notice:${string}`

export interface ChildPlan {
  readonly torrentPath: string
  readonly output: string
  readonly peers: readonly PeerAddress[]
  readonly options?: Readonly<Record<string, number | boolean>>
  readonly abortAt?: Moment
  readonly throwAt?: Moment
}

export interface ChildOutcome {
  /** `resolved`, the code of the error, or its message when it has none. */
  readonly outcome: string
  /** Errors that reached the process. */
  readonly escaped: readonly string[]
  /** What the process still had open when the call was over. */
  readonly leftOpen: readonly string[]
  readonly exitCode: number | null
}

const PROGRAM = join(import.meta.dirname, 'fetch-child.js')

export async function fetchInChild(
  t: TestContext,
  torrent: MadeTorrent,
  plan: Omit<ChildPlan, 'torrentPath'>,
): Promise<ChildOutcome> {
  const torrentPath = `${plan.output}.torrent`
  writeFileSync(torrentPath, torrent.bytes)
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify({ ...plan, torrentPath })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [exitCode, printed] = await Promise.all([exit, text(child.stdout)])
  return { ...(JSON.parse(printed) as Omit<ChildOutcome, 'exitCode'>), exitCode }
}
