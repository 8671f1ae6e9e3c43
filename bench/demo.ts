/**
 * `npm run demo [-- MIB]`: a team that distributes its data, on this machine, with nothing but swarmfetch. Makes
 * a random payload, then runs the command-line program as users would: a tracker, a torrent of the payload, four
 * seeds, and a download; compares SHA-256 of what was offered and what arrived. Leaves nothing behind.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { writeRandomFile } from './payload.js'
import { PROGRAM, type ProgramEvent, startProgram, startTracker, stopPrograms } from './program-process.js'
import { makeWorkspace } from './workspace.js'

const MIB = 1_048_576
const DEFAULT_SIZE_MIB = 512
const SEED_COUNT = 4

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
try {
  await demonstrate(Number(process.argv[2] ?? DEFAULT_SIZE_MIB))
  await stopPrograms()
  process.exit(0)
} catch (error) {
  console.error(`\nThe demo failed: ${(error as Error).message}`)
  await stopPrograms()
  process.exit(1)
}

async function demonstrate(sizeMib: number): Promise<void> {
  if (!Number.isInteger(sizeMib) || sizeMib < 1) throw new Error('the size is a whole number of MiB')
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: npm run build`)
  const folder = makeWorkspace(tmpdir())
  const payload = join(folder, 'payload.bin')
  writeRandomFile(payload, sizeMib * MIB)

  const { announce } = await startTracker('127.0.0.1')
  show(`tracker --host 127.0.0.1 --port ${new URL(announce).port}`)
  const torrent = join(folder, 'payload.torrent')
  show(`create payload.bin -o payload.torrent --tracker ${announce}`)
  await run(['create', payload, '-o', torrent, '--tracker', announce])
  show(`seed payload.torrent .   # ${SEED_COUNT} times`)
  await startSeeds(torrent, folder)
  const output = join(folder, 'output')
  show(`get ${basename(torrent)} -o ${basename(output)}`)
  const startedAt = performance.now()
  await run(['get', torrent, '-o', output, '--no-dht', '--no-lsd'])
  const seconds = (performance.now() - startedAt) / 1000
  await compare(payload, output)
  const speed = Math.round((sizeMib * MIB) / 1e6 / seconds)
  console.log(`\nIdentical. ${sizeMib} MiB in ${seconds.toFixed(2)} s: ${speed} MB/s from start to exit.`)
}

function show(command: string): void {
  console.log(`\n$ swarmfetch ${command}`)
}

/** Resolves when the tracker knows all of them. */
async function startSeeds(torrent: string, folder: string): Promise<void> {
  const isAnnounced = (event: ProgramEvent) => event.type === 'trackerAnswered'
  const args = ['seed', torrent, folder, '--port', '0', '--no-dht', '--no-lsd', '--json']
  await Promise.all(Array.from({ length: SEED_COUNT }, () => startProgram(args, isAnnounced)))
}

/** Runs the program to its end with this terminal. Throws unless it exits with 0. */
async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'inherit' })
  process.once('exit', () => child.kill('SIGKILL'))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (status, signal) => resolve(status ?? signal))
  })
  if (code !== 0) throw new Error(`swarmfetch ${args[0]} exited with ${code}`)
}

/** Throws unless the download holds the very bytes of the payload. */
async function compare(payload: string, output: string): Promise<void> {
  const offered = await sha256(payload)
  const arrived = await sha256(join(output, basename(payload)))
  console.log(`\nSHA-256 of the payload   ${offered}\nSHA-256 of the download  ${arrived}`)
  if (offered !== arrived) throw new Error('the download differs from the payload')
}

async function sha256(location: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(location, { highWaterMark: MIB }), hash)
  return hash.digest('hex')
}
