/**
 * Announces per second of the tracker, by UDP and HTTP, over swarms of growing number; beside opentracker
 * when it is installed. Trackers take turns, each a process of its own; this process is the load. It is no
 * faster than one Node process can be, so a tracker that is much faster than it shows this process's own
 * limit.
 *
 * `node dist/bench/tracker-load.js [--seconds N] [--swarms N]... [--only HOST:PORT]`
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from './addresses.js'
import { isInstalled } from './installed.js'
import { loadHttp } from './tracker-load-http.js'
import { infoHashHex } from './tracker-load-names.js'
import { loadUdp } from './tracker-load-udp.js'

const HOST = '127.0.0.1'
const PROGRAM = join(import.meta.dirname, '..', 'src', 'cli', 'main.js')

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    swarms: { type: 'string', multiple: true, default: ['1000', '100000'] },
    only: { type: 'string' },
  },
})
const durationMs = Number(values.seconds) * 1000
const swarmCounts = values.swarms.map(Number)
const hasOpentracker = isInstalled('opentracker')
const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-tracker-load-'))

if (!hasOpentracker && values.only === undefined) console.log('opentracker is not installed: left out')
try {
  for (const swarms of swarmCounts) {
    if (values.only !== undefined) await measure('given', Number(values.only.split(':').at(-1)), swarms)
    else for (const start of contestants(swarms)) await run(start, swarms)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

interface Contestant {
  readonly name: string
  start(port: number): ChildProcess
}

function contestants(swarms: number): Contestant[] {
  const ours: Contestant = {
    name: 'swarmfetch',
    start: (port) => {
      const args = ['tracker', '--port', String(port), '--host', HOST, '--quiet']
      return spawn(process.execPath, [PROGRAM, ...args], { stdio: 'inherit' })
    },
  }
  if (!hasOpentracker) return [ours]
  // It serves what is on its list only, and reads that as nobody in particular.
  chmodSync(folder, 0o755)
  const list = Array.from({ length: swarms }, (_, swarm) => `${infoHashHex(swarm)}\n`)
  writeFileSync(join(folder, 'list'), list.join(''))
  const args = (port: number) => ['-i', HOST, '-p', String(port), '-P', String(port)]
  const open: Contestant = {
    name: 'opentracker',
    start: (port) =>
      spawn('opentracker', [...args(port), '-d', folder, '-w', 'list'], { stdio: 'ignore', cwd: folder }),
  }
  return [ours, open]
}

async function run(contestant: Contestant, swarms: number): Promise<void> {
  const port = await freePort()
  const child = contestant.start(port)
  const ended = new Promise((resolve) => child.once('close', resolve))
  try {
    await answering(port)
    await measure(contestant.name, port, swarms)
  } finally {
    child.kill()
    await ended
  }
}

async function measure(name: string, port: number, swarms: number): Promise<void> {
  const target = { host: HOST, port, swarms, durationMs }
  const udp = await loadUdp(target)
  const http = await loadHttp(target)
  const rates = [udp, http].map((rate) => Math.round(rate).toLocaleString('en').padStart(9))
  console.log(`${name.padEnd(12)} ${String(swarms).padStart(7)} swarms  UDP${rates[0]}/s  HTTP${rates[1]}/s`)
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, HOST, () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (isUp) return
    await sleep(100)
  }
  throw new Error('the tracker does not listen')
}
