/** `swarmfetch tracker` as a process. */
import { execFile } from 'node:child_process'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { addressKey } from '../../src/core/peer-address.js'
import { CliProcess } from './cli-process.js'

export interface TrackerPlan {
  /** 127.0.0.1 unless named. */
  readonly host?: string
  readonly prefix?: readonly string[]
  readonly options?: readonly string[]
}

export interface RealTracker {
  /** Its announce URLs. */
  readonly http: string
  readonly udp: string
  /** Resolves when it knows so many seeds of one torrent. */
  untilSeeds(count: number): Promise<void>
}

export async function startTracker(t: TestContext, plan: TrackerPlan = {}): Promise<RealTracker> {
  const { host = '127.0.0.1', prefix, options = [] } = plan
  const tracker = new CliProcess(t, ['tracker', '--host', host, '--port', '0', ...options], prefix)
  const { port } = await tracker.until(({ event }) => event === 'listening')
  const base = `//${addressKey({ host, port: port! })}`
  const untilSeeds = async (count: number) => {
    // A scrape that names no torrent is one of all of them.
    while (!(await fetchText(`http:${base}/scrape`, prefix)).includes(`8:completei${count}e`)) await delay(50)
  }
  return { http: `http:${base}/announce`, udp: `udp:${base}/announce`, untilSeeds }
}

/** Fetched where the tracker is, because its network may not be ours. */
async function fetchText(url: string, prefix: readonly string[] = []): Promise<string> {
  const script = 'fetch(process.argv[1]).then((r) => r.text()).then(console.log)'
  const [program, ...args] = [...prefix, process.execPath, '-e', script, url]
  return (await promisify(execFile)(program!, args)).stdout
}
