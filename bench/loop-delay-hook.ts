/**
 * Loaded with `--import` into a Node program that is being measured: writes the delays of its main event loop, in
 * milliseconds, to the file that LOOP_DELAY_FILE names when it exits.
 */
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

export interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * How often the delay is sampled: often, or one slow moment at the start is the whole p99 of a short run. Node
 * counts this wait as part of each sample.
 */
const RESOLUTION_MS = 1

const target = process.env.LOOP_DELAY_FILE
if (isMainThread && target !== undefined) {
  const samples = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  samples.enable()
  const beyondWait = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  process.once('exit', () => {
    const delay: LoopDelay = {
      p50Ms: beyondWait(samples.percentile(50)),
      p99Ms: beyondWait(samples.percentile(99)),
    }
    writeFileSync(target, JSON.stringify(delay))
  })
}
