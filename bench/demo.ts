/**
 * `npm run demo [-- MIB]`: a real download on this machine, with nothing but what is in this folder. Makes a
 * random payload, starts a tracker and four seeds as processes, runs the command-line program as a user would,
 * and compares SHA-256 of what was offered and what arrived. Leaves nothing behind.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { addressKey } from '../src/core/peer-address.js'
import { seedArguments, startHelper } from './helper-process.js'
import { writeRandomFile } from './payload.js'
import { hashPayload, type TorrentInfo, writeTorrent } from './torrent.js'
import { makeWorkspace } from './workspace.js'

const MIB = 1_048_576
const DEFAULT_SIZE_MIB = 512
const SEED_COUNT = 4
const PROGRAM = join(import.meta.dirname, '..', 'src', 'cli', 'main.js')

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
try {
  await demonstrate(Number(process.argv[2] ?? DEFAULT_SIZE_MIB))
  process.exit(0)
} catch (error) {
  console.error(`\nThe demo failed: ${(error as Error).message}`)
  process.exit(1)
}

async function demonstrate(sizeMib: number): Promise<void> {
  if (!Number.isInteger(sizeMib) || sizeMib < 1) throw new Error('the size is a whole number of MiB')
  const folder = makeWorkspace(tmpdir())
  const tracker = await startHelper('tracker', [])
  const announce = `http://${addressKey(tracker.addresses[0]!)}/announce`
  console.log(`Tracker at ${announce}`)
  const torrent = makePayload(folder, sizeMib)
  const location = join(folder, 'payload.torrent')
  writeTorrent(location, torrent, announce)
  await startSeeds(torrent, announce)

  const output = join(folder, 'output')
  console.log(`\n$ swarmfetch get ${basename(location)} -o ${basename(output)}\n`)
  const startedAt = performance.now()
  await download(location, output)
  const seconds = (performance.now() - startedAt) / 1000
  await compare(torrent.plan.files[0]!.location, output)
  const speed = Math.round((sizeMib * MIB) / 1e6 / seconds)
  console.log(`\nIdentical. ${sizeMib} MiB in ${seconds.toFixed(2)} s: ${speed} MB/s from start to exit.`)
}

function makePayload(folder: string, sizeMib: number): TorrentInfo {
  const file = writeRandomFile(join(folder, 'payload.bin'), sizeMib * MIB)
  const torrent = hashPayload({ files: [file], pieceLengthBytes: MIB })
  console.log(`Payload of ${sizeMib} MiB random bytes, info hash ${torrent.infoHashHex}`)
  return torrent
}

async function startSeeds(torrent: TorrentInfo, announce: string): Promise<void> {
  const args = [...seedArguments(torrent), '--announce', announce]
  const seeds = await Promise.all(Array.from({ length: SEED_COUNT }, () => startHelper('seed', args)))
  console.log(`Seeds at ${seeds.flatMap((seed) => seed.addresses.map(addressKey)).join(', ')}`)
}

/** Runs the program to its end with this terminal. Throws unless it exits with 0. */
async function download(torrent: string, output: string): Promise<void> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: npm run build`)
  const child = spawn(process.execPath, [PROGRAM, 'get', torrent, '-o', output], {
    stdio: 'inherit',
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (status, signal) => resolve(status ?? signal))
  })
  if (code !== 0) throw new Error(`swarmfetch exited with ${code}`)
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
