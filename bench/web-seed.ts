/**
 * `npm run bench:web-seed [-- OPTIONS]`: a torrent that only a web seed has, beside aria2 with 16 connections, which
 * fetches the same file from the same nginx and, in a second line, verifies it afterwards. They take turns; prints
 * medians, and our lead in each round.
 *
 *   --size MIB     payload (1024)        --pieces KIB,...  piece lengths (1024)
 *   --rounds N     counted rounds (5)    --disk FOLDER     where payload and downloads go (the temporary folder)
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from './addresses.js'
import { isInstalled } from './installed.js'
import { type Command, type Cost, measure } from './measure.js'
import { median } from './median.js'
import { writeRandomFile } from './payload.js'
import { PROGRAM } from './program-process.js'
import { makeWorkspace } from './workspace.js'

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1024' },
    pieces: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '5' },
    disk: { type: 'string', default: tmpdir() },
  },
})

const missing = ['nginx', 'aria2c'].filter((program) => !isInstalled(program))
if (missing.length > 0) {
  console.error(`nothing measured: ${missing.join(' and ')} is not installed`)
  process.exit(1)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
const folder = makeWorkspace(values.disk)
const output = join(folder, 'output')
const payload = writeRandomFile(join(folder, 'payload.bin'), Number(values.size) * 2 ** 20)
const port = await freePort()
const url = `http://127.0.0.1:${port}/payload.bin`
await startNginx()
for (const kib of values.pieces.split(',')) await compare(kib)

/** The first round warms up and is not counted. */
async function compare(pieceKib: string): Promise<void> {
  const costs = new Map<string, Cost[]>()
  const commands = Object.entries({ swarmfetch: swarmfetch(pieceKib), ...(await aria2s()) })
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [name, command] of commands) {
      rmSync(output, { recursive: true, force: true })
      const cost = await measure(command, folder)
      if (round > 0) costs.set(name, [...(costs.get(name) ?? []), cost])
    }
  }
  console.log(`\n${values.size} MiB from nginx, ${pieceKib} KiB pieces, in ${values.disk}`)
  for (const [name, own] of costs) console.log(describe(name, own, costs.get('swarmfetch')!))
}

function swarmfetch(pieceKib: string): Command {
  const torrent = join(folder, `${pieceKib}.torrent`)
  const creation = ['--piece-length', `${pieceKib}K`, '--web-seed', url, '-o', torrent, '--quiet']
  spawnSync(process.execPath, [PROGRAM, 'create', payload.location, ...creation], { stdio: 'inherit' })
  const args = [PROGRAM, 'get', torrent, '-o', output, '--quiet', '--no-dht', '--no-lsd']
  return { program: process.execPath, args }
}

async function aria2s(): Promise<Record<string, Command>> {
  const args = ['--no-conf', '--quiet', '-x16', '-s16', `--dir=${output}`, url]
  const hash = createHash('sha1')
  await pipeline(createReadStream(payload.location), hash)
  const checked = [`--checksum=sha-1=${hash.digest('hex')}`, ...args]
  return { 'aria2 -x16': { program: 'aria2c', args }, '  verified': { program: 'aria2c', args: checked } }
}

/** Resolves when it answers. It ends with this process. */
async function startNginx(): Promise<void> {
  const config = join(folder, 'nginx.conf')
  const server = `server { listen 127.0.0.1:${port}; root ${folder}; }`
  const http = `http { access_log off; sendfile on; keepalive_requests 100000; ${server} }`
  const main = `daemon off; pid ${folder}/nginx.pid; user root; events { worker_connections 256; }`
  writeFileSync(config, `${main}\n${http}\n`)
  const nginx = spawn('nginx', ['-e', 'stderr', '-c', config], { stdio: 'ignore' })
  nginx.unref()
  process.once('exit', () => nginx.kill())
  const answers = () =>
    fetch(url, { method: 'HEAD' }).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await answers())) await sleep(50)
}

function describe(name: string, own: readonly Cost[], ours: readonly Cost[]): string {
  const seconds = median(own.map((cost) => cost.wallSeconds))
  const cpu = median(own.map((cost) => cost.cpuSeconds)).toFixed(2)
  const mbs = (payload.length / seconds / 1e6).toFixed(0).padStart(5)
  const costs = `${name.padEnd(12)}${mbs} MB/s  ${cpu} CPU s`
  if (own === ours) return costs
  const leads = own.map((cost, round) => cost.wallSeconds / ours[round]!.wallSeconds)
  return `${costs}  swarmfetch ÷ this ${median(leads).toFixed(2)} (${leads.map((lead) => lead.toFixed(2)).join(' ')})`
}
