/**
 * One scenario of the download benchmark: every downloader fetches the same torrent from the same seed, taking
 * turns within each round, so that a machine which slows down slows them all. What arrived is compared with the
 * payload byte for byte, or the run counts as failed.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Downloader } from './downloaders.js'
import { type Cost, measure } from './measure.js'
import { type PayloadFile, PayloadReader } from './payload.js'
import { type Swarm, type SwarmPlan, startLoopbackSwarm, startNamespaceSwarm } from './swarm.js'

export interface Scenario {
  readonly pieceLengthBytes: number
  readonly peerCount: number
  /** From a request to its answer, as over a long distance. */
  readonly delayMs: number
}

export interface Standing {
  readonly downloader: Downloader
  /** One entry a round; undefined for a round that failed. */
  readonly costs: readonly (Cost | undefined)[]
}

export interface ContestPlan {
  readonly scenario: Scenario
  readonly downloaders: readonly Downloader[]
  readonly roundCount: number
  readonly payload: PayloadFile
  readonly workspace: string
}

/** A first round warms up disk cache and memory, and is not counted. */
export async function runContest(plan: ContestPlan): Promise<Standing[]> {
  const swarms = await startSwarms(plan)
  const costs = new Map(plan.downloaders.map((d) => [d, [] as (Cost | undefined)[]]))
  for (let round = 0; round <= plan.roundCount; round++) {
    for (const downloader of plan.downloaders) {
      const swarm = downloader.needsCable ? swarms.cable! : swarms.loopback
      const cost = await runOnce(plan, downloader, swarm)
      if (round > 0) costs.get(downloader)!.push(cost)
    }
  }
  await swarms.loopback.stop()
  await swarms.cable?.stop()
  return plan.downloaders.map((downloader) => ({ downloader, costs: costs.get(downloader)! }))
}

interface Swarms {
  readonly loopback: Swarm
  readonly cable: Swarm | undefined
}

async function startSwarms({ scenario, downloaders, payload, workspace }: ContestPlan): Promise<Swarms> {
  const planIn = (name: string): SwarmPlan => {
    const folder = join(workspace, name)
    mkdirSync(folder, { recursive: true })
    return { ...scenario, payload, workspace: folder }
  }
  const needsCable = downloaders.some((downloader) => downloader.needsCable)
  return {
    loopback: await startLoopbackSwarm(planIn('loopback')),
    cable: needsCable ? await startNamespaceSwarm(planIn('cable')) : undefined,
  }
}

async function runOnce(plan: ContestPlan, downloader: Downloader, swarm: Swarm): Promise<Cost | undefined> {
  const [output, scratch] = [join(plan.workspace, 'output'), join(plan.workspace, 'scratch')]
  for (const folder of [output, scratch]) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
  }
  try {
    const command = downloader.command({ torrent: swarm.torrent, peers: swarm.peers, output, scratch })
    const [program, ...args] = [...swarm.downloadPrefix, command.program, ...command.args] as [
      string,
      ...string[],
    ]
    const cost = await measure({ ...command, program, args }, plan.workspace)
    requireSameBytes(plan.payload.location, join(output, basename(plan.payload.location)))
    return cost
  } catch (error) {
    console.error(`${downloader.name} failed: ${(error as Error).message}`)
    return undefined
  } finally {
    rmSync(output, { recursive: true, force: true })
  }
}

const STRIDE_BYTES = 1_048_576

function requireSameBytes(expected: string, actual: string): void {
  const readers = [new PayloadReader([expected]), new PayloadReader([actual])] as const
  const [a, b] = [Buffer.allocUnsafe(STRIDE_BYTES), Buffer.allocUnsafe(STRIDE_BYTES)]
  try {
    const { totalBytes } = readers[0]
    if (readers[1].totalBytes !== totalBytes) throw new Error('the result has another length')
    for (let offset = 0; offset < totalBytes; offset += STRIDE_BYTES) {
      const length = Math.min(STRIDE_BYTES, totalBytes - offset)
      readers[0].read(offset, a, 0, length)
      readers[1].read(offset, b, 0, length)
      if (a.compare(b, 0, length, 0, length) !== 0) throw new Error('the result differs from the payload')
    }
  } finally {
    for (const reader of readers) reader.close()
  }
}
