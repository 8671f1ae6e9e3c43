/**
 * `npm run bench [-- WORD...]`: how long the parts of the hot path take, each alone. Words choose suites by name.
 * Medians over about half a second each; compare runs on one machine only.
 */
import { Bench, type Task } from 'tinybench'
import { assemblerSuite } from './micro/assembler.js'
import { bencodeGateSuite } from './micro/bencode-gate.js'
import { frameDecoderSuite } from './micro/frame-decoder.js'
import { piecePickerSuite } from './micro/piece-picker.js'
import { poolRoundTripSuite } from './micro/pool-round-trip.js'
import { rc4Suite } from './micro/rc4.js'
import type { MicroSuite, MicroTask } from './micro-suite.js'

const SUITES: Readonly<Record<string, () => MicroSuite>> = {
  'frame decoder': frameDecoderSuite,
  picker: piecePickerSuite,
  assembler: assemblerSuite,
  'pool round trip': poolRoundTripSuite,
  'bencode gate': bencodeGateSuite,
  rc4: rc4Suite,
}

const TASK_MS = 500

const words = process.argv.slice(2)
for (const [name, makeSuite] of Object.entries(SUITES)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  await runSuite(name, makeSuite())
}

async function runSuite(name: string, suite: MicroSuite): Promise<void> {
  const least = { iterations: 5, warmupIterations: 2 }
  const bench = new Bench({ time: TASK_MS, warmupTime: TASK_MS / 5, ...least, throws: true })
  for (const task of suite.tasks) bench.add(task.name, task.run)
  await bench.run()
  await suite.close?.()
  console.log(`\n${name}`)
  for (const [i, task] of bench.tasks.entries()) console.log(`  ${describe(task, suite.tasks[i]!)}`)
}

function describe(task: Task, { name, bytes }: MicroTask): string {
  const { result } = task
  if (!('latency' in result)) throw new Error(`${name} was not measured: ${result.state}`)
  const microseconds = result.latency.p50 * 1000
  const speed = bytes === undefined ? '' : `${(bytes / microseconds).toFixed(0)} MB/s`.padStart(14)
  return `${name.padEnd(56)}${`${microseconds.toFixed(2)} µs`.padStart(16)}${speed}`
}
