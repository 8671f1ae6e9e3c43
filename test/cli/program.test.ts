import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { exitOf, runCli, startCli } from './run-cli.js'
import { sampleFolder, samplePayload, torrentBytes } from './sample-torrent.js'

const set = torrentBytes({
  folder: 'set',
  files: { 'a.bin': samplePayload(40_000), 'sub/b': samplePayload(100) },
  fields: {
    announce: 'http://t1.example/announce',
    'announce-list': [['http://t1.example/announce'], ['http://t2.example/announce']],
    'url-list': ['https://w.example/'],
    comment: 'for tests',
  },
})

test('show --json prints exactly the promised fields', async (t) => {
  const folder = sampleFolder(t, { 'set.torrent': set })
  const { code, stdout, stderr } = await runCli(['show', '--json', join(folder, 'set.torrent')])
  assert.deepEqual([code, stderr], [0, ''])
  const { infoHash, ...fields } = JSON.parse(stdout) as Record<string, unknown>
  assert.match(String(infoHash), /^[0-9a-f]{40}$/)
  assert.deepEqual(fields, {
    name: 'set',
    pieceLength: 16_384,
    pieceCount: 3,
    totalBytes: 40_100,
    private: false,
    trackers: ['http://t1.example/announce', 'http://t2.example/announce'],
    webSeeds: ['https://w.example/'],
    httpSeeds: [],
    files: [
      { path: 'set/a.bin', length: 40_000 },
      { path: 'set/sub/b', length: 100 },
    ],
  })
})

test('show prints the same for people, from standard input too', async () => {
  const { code, stdout } = await runCli(['show', '-'], set)
  assert.equal(code, 0)
  assert.match(stdout, /^Name {7}set$/m)
  assert.match(stdout, /^ {2}1 {5}100 B {2}set\/sub\/b$/m)
})

test('a bad .torrent exits with 3, one line on stderr and an error object on stdout', async (t) => {
  const folder = sampleFolder(t, { 'bad.torrent': Buffer.from('d4:infoi1ee') })
  const bad = join(folder, 'bad.torrent')
  for (const args of [
    ['show', bad, '--json'],
    ['verify', bad, folder, '--json'],
  ]) {
    const { code, stdout, stderr } = await runCli(args)
    assert.equal(code, 3, args[0])
    assert.match(stderr, /^swarmfetch: [^\n]+ \([A-Z_0-9]+\)\n$/)
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } }
    assert.deepEqual(Object.keys(error), ['code', 'message'])
    assert.ok(stderr.endsWith(`${error.message} (${error.code})\n`))
  }
})

test('a source that is not there exits with 3, and without --json leaves stdout empty', async () => {
  const { code, stdout, stderr } = await runCli(['show', 'no-such.torrent'])
  assert.deepEqual([code, stdout], [3, ''])
  assert.equal(stderr, 'swarmfetch: no such file: no-such.torrent (NOT_FOUND)\n')
})

test('usage errors exit with 2 and one line that names the option', async () => {
  const cases: [string[], RegExp][] = [
    [['bogus'], /unknown command 'bogus'/],
    [['get'], /missing required argument 'source'/],
    [['get', 'x', '--port', '65536'], /--port <n>.* from 0 to 65535/],
    [['get', 'x', '--workers', 'many'], /--workers <n>/],
    [['get', 'x', '--memory', '64M'], /--memory <mib>/],
    [['get', 'x', '--max-peers', '0'], /--max-peers <n>/],
    [['get', 'x', '--max-download', 'fast'], /--max-download <rate>/],
    [['get', 'x', '--max-upload', '1'], /--max-upload <rate>/],
    [['get', 'x', '--timeout', '0'], /--timeout <duration>/],
    [['get', 'x', '--seed-time', 'long'], /--seed-time <duration>/],
    [['get', 'x', '--seed-ratio', '-1'], /--seed-ratio <n>/],
    [['get', 'x', '--peer', 'nowhere'], /--peer <host:port>/],
    [['get', 'x', '--allocate', 'some'], /--allocate <how>.*sparse, full/],
    [['get', 'x', '--encryption', 'some'], /--encryption <how>.*prefer, require, off/],
    [['get', 'x', '--select', ''], /--select <glob\|number>/],
    [['get', 'x', '--bogus'], /unknown option '--bogus'/],
    [['get', 'x', '-o', '-', '--json'], /--output - and --json/],
    [['get', 'x', 'y', '-o', '-'], /--output - takes one source/],
    [['get', 'x', '-o', '-', '--seed-time', '1'], /--output - keeps nothing/],
    [['seed', 'x'], /missing required argument 'path'/],
    [['seed', 'x', 'y', '--ratio', 'much'], /--ratio <n>/],
    [['seed', 'x', 'y', '--time', '1y'], /--time <duration>/],
    [['verify', 'x'], /missing required argument 'dir'/],
    [['show', 'x', 'y'], /too many arguments/],
  ]
  const outcomes = await Promise.all(cases.map(([args]) => runCli(args)))
  for (const [at, { code, stderr }] of outcomes.entries()) {
    const [args, message] = cases[at]!
    assert.equal(code, 2, args.join(' '))
    assert.match(stderr, /^swarmfetch: [^\n]+ \(BAD_OPTION\)\n$/)
    assert.match(stderr, message)
  }
})

test('a usage error with --json is an error object too', async () => {
  const { code, stdout } = await runCli(['get', 'x', '--port', '65536', '--json'])
  assert.equal(code, 2)
  assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'BAD_OPTION')
})

test('without a command the help goes to stderr and the exit code is 2; with --help it is an answer', async () => {
  const bare = await runCli([])
  assert.deepEqual([bare.code, bare.stdout], [2, ''])
  const asked = await runCli(['--help'])
  assert.deepEqual([asked.code, asked.stderr], [0, ''])
  assert.equal(asked.stdout, bare.stderr)
  for (const command of ['get', 'seed', 'show', 'verify'])
    assert.match(asked.stdout, new RegExp(`^ +${command} `, 'm'))
})

test('--version is the version of the package', async () => {
  const manifest = readFileSync(join(import.meta.dirname, '..', '..', '..', 'package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const { code, stdout } = await runCli(['--version'])
  assert.deepEqual([code, stdout], [0, `${version}\n`])
})

test('a reader that goes away ends the output quietly', async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, at) => [`file-${at}`, new Uint8Array(1)]),
  )
  const folder = sampleFolder(t, { 'many.torrent': torrentBytes({ folder: 'many', files }) })
  const child = startCli(t, ['show', join(folder, 'many.torrent')])
  child.stdout.once('data', () => child.stdout.destroy())
  const [code, stderr] = await Promise.all([exitOf(child), text(child.stderr)])
  assert.deepEqual([code, stderr], [0, ''])
})
