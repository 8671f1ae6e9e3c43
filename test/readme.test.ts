/** The README is held to its word: its examples run, and its tables say what the program says. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Helper, seedArguments, startHelper } from '../bench/helper-process.js'
import { writeRandomFile } from '../bench/payload.js'
import { hashPayload, writeTorrent } from '../bench/torrent.js'
import { EXIT } from '../src/cli/exit-codes.js'
import { TrackerServer } from '../src/tracker-server/tracker-server.js'
import { runCli } from './cli/run-cli.js'

const ROOT = join(import.meta.dirname, '..', '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const errors = readFileSync(join(ROOT, 'src', 'core', 'errors.ts'), 'utf8')
const examples = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!)

/** Where the examples run: `data.torrent` is there, and its tracker knows a seed. */
let folder: string
let seed: Helper
const tracker = new TrackerServer({ port: 0, hosts: ['127.0.0.1'] })

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swarmfetch-readme-'))
  const payload = writeRandomFile(join(folder, 'seeded', 'data.bin'), 1_000_001)
  const torrent = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })
  await tracker.listen()
  const announce = `http://127.0.0.1:${tracker.port}/announce`
  seed = await startHelper('seed', [...seedArguments(torrent), '--announce', announce])
  writeTorrent(join(folder, 'data.torrent'), torrent, announce)
})

after(async () => {
  seed.stop()
  await tracker.close()
  rmSync(folder, { recursive: true, force: true })
})

test('there are examples to run', () => {
  assert.ok(examples.length >= 4)
})

for (const [at, code] of examples.entries()) {
  test(`example ${at + 1} runs to its end, and what it downloads is complete`, async () => {
    rmSync(join(folder, 'downloads'), { recursive: true, force: true })
    const { exitCode, output } = await runExample(code)
    assert.equal(exitCode, 0, output)
    if (!/fetchTorrent\(|client\.add\(/.test(code)) return
    const downloaded = readFileSync(join(folder, 'downloads', 'data.bin'))
    assert.ok(downloaded.equals(readFileSync(join(folder, 'seeded', 'data.bin'))))
  })
}

/** With the package's name standing for the build that this test belongs to. */
async function runExample(code: string): Promise<{ exitCode: number | null; output: string }> {
  const library = pathToFileURL(join(import.meta.dirname, '..', 'src', 'index.js')).href
  const file = join(folder, 'example.mjs')
  writeFileSync(file, code.replaceAll("'swarmfetch'", `'${library}'`))
  const child = spawn(process.execPath, [file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { exitCode: await exit, output: stdout + stderr }
}

const optionTables = [...readme.matchAll(/^\| option of `(\w+)` \|.*\n((?:\|.*\n)+)/gm)]

test('get and seed have a table of options', () => {
  const commands = optionTables.map(([, command]) => command)
  assert.deepEqual(
    ['get', 'seed'].filter((command) => !commands.includes(command)),
    [],
  )
})

for (const [, command, table] of optionTables) {
  test(`the table of options has those of ${command} --help, and no other`, async () => {
    const { stdout } = await runCli([command!, '--help'])
    const known = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag!)
    const cells = [...table!.matchAll(/^\| (`-[^|]*(?:\\\|[^|]*)*) \|/gm)].map(([, cell]) => cell!)
    const documented = cells.flatMap((cell) => [...cell.matchAll(/--[\w-]+/g)].map(([flag]) => flag))
    assert.deepEqual(documented.sort(), known.filter((flag) => flag !== '--help').sort())
  })
}

test('the table of exit codes has those of the program, and no other', () => {
  const documented = [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  assert.deepEqual(documented, Object.values(EXIT))
})

const CODE = /[A-Z][A-Z0-9_]{3,}/g

/** The codes that the types of `src/core/errors.ts` list, whose names end in `Fault`. */
function faultsOf(...kinds: readonly string[]): string[] {
  const types = kinds.map((kind) => errors.match(new RegExp(`^export type ${kind}Fault =[^/]*`, 'm'))![0])
  return codesIn(types.join())
}

function codesIn(text: string): string[] {
  return [...new Set(text.match(CODE))].sort()
}

test('the exit codes name every error code that can end a command, and no other', () => {
  const rows = [...readme.matchAll(/^\| \d+ \|.*\|$/gm)].join()
  const ending = faultsOf('Option', 'Metainfo', 'Source', 'GaveUp', 'Storage', 'Verify')
  assert.deepEqual(codesIn(rows), [...ending, 'STOPPED', 'UNEXPECTED'].sort())
})

for (const [notice, kind] of Object.entries({ trackerFailed: 'Tracker', webSeedFailed: 'WebSeed' })) {
  test(`the codes of the notice ${notice} are told, and no other`, () => {
    const [row] = readme.match(new RegExp(`^\\| \`${notice}\` \\|.*$`, 'm'))!
    assert.deepEqual(codesIn(row), faultsOf(kind))
  })
}
