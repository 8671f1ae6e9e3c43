import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createdText, renamedText } from '../../src/cli/create-text.js'
import type { RenamedFile } from '../../src/client/create-torrent.js'
import { parseMetainfo } from '../../src/metainfo/parse-metainfo.js'
import { exitOf, runCli, startCli } from './run-cli.js'
import { sampleFolder, samplePayload } from './sample-torrent.js'

const files = {
  'set/a.bin': samplePayload(50_000),
  'set/sub/b.bin': samplePayload(40_000),
  'set/x.tmp': new Uint8Array(0),
}

test('what create makes, verify finds complete', async (t) => {
  const folder = sampleFolder(t, files)
  const torrent = join(folder, 'out.torrent')
  const made = await runCli(['create', join(folder, 'set'), '-o', torrent, '--exclude', '*.tmp'])
  assert.equal(made.code, 0, made.stderr)
  const { infoHash } = parseMetainfo(readFileSync(torrent))
  assert.match(made.stdout, /^Data {7}87\.9 KiB in 2 files, 6 pieces of 16 KiB$/m)
  assert.match(made.stdout, new RegExp(`^Info hash {2}${infoHash.hex}$`, 'm'))
  assert.match(made.stdout, new RegExp(`^Magnet {5}magnet:\\?xt=urn:btih:${infoHash.hex}&dn=set$`, 'm'))
  const { code, stdout } = await runCli(['verify', torrent, folder])
  assert.deepEqual([code, stdout], [0, 'set: complete, 87.9 KiB verified\n'])
})

test('create -o - writes the .torrent to standard output, and tells of it on stderr', async (t) => {
  const folder = sampleFolder(t, files)
  const args = ['create', join(folder, 'set'), '-o', '-']
  const child = startCli(t, args)
  const [torrent, told] = await Promise.all([buffer(child.stdout), text(child.stderr)])
  const { infoHash } = parseMetainfo(torrent)
  assert.match(told, new RegExp(`^Info hash {2}${infoHash.hex}$`, 'm'))
  assert.equal((await runCli([...args, '--json'])).code, 2)
})

test('each --tracker is a tier, commas are inside one, and all that is asked for is there', async (t) => {
  const folder = sampleFolder(t, files)
  const torrent = join(folder, 'out.torrent')
  const { code, stdout } = await runCli([
    ...[
      'create',
      join(folder, 'set'),
      '-o',
      torrent,
      '--json',
      '--no-date',
      '--private',
      '--piece-length',
      '32K',
    ],
    ...['--tracker', 'http://a/announce,http://b/announce', '--tracker', 'udp://c:1/announce'],
    ...['--web-seed', 'https://w/', '--comment', 'for tests', '--source', 'S', '--workers', '1'],
  ])
  assert.equal(code, 0)
  const metainfo = parseMetainfo(readFileSync(torrent))
  assert.deepEqual(metainfo.trackers, [['http://a/announce', 'http://b/announce'], ['udp://c:1/announce']])
  assert.deepEqual(metainfo.webSeeds, ['https://w/'])
  assert.deepEqual(
    [metainfo.comment, metainfo.isPrivate, metainfo.createdAtSeconds],
    ['for tests', true, undefined],
  )
  assert.match(Buffer.from(metainfo.infoBytes).toString('latin1'), /6:source1:Se$/)
  const { magnet, ...facts } = JSON.parse(stdout) as Record<string, unknown>
  assert.match(String(magnet), /&tr=http%3A%2F%2Fa%2Fannounce&tr=.*&ws=https%3A%2F%2Fw%2F$/)
  assert.deepEqual(facts, {
    path: torrent,
    infoHash: metainfo.infoHash.hex,
    name: 'set',
    totalBytes: 90_000,
    pieceLength: 32_768,
    pieceCount: 3,
    fileCount: 3,
    renamedFiles: [],
  })
})

test('an output that is there is replaced only with --force, and nothing is left beside it', async (t) => {
  const folder = sampleFolder(t, { ...files, 'out/set.torrent': Buffer.from('precious') })
  const args = ['create', join(folder, 'set'), '-o', join(folder, 'out', 'set.torrent'), '--json']
  const refused = await runCli(args)
  assert.equal(refused.code, 2)
  assert.equal((JSON.parse(refused.stdout) as { error: { code: string } }).error.code, 'OUTPUT_EXISTS')
  assert.equal(readFileSync(join(folder, 'out', 'set.torrent'), 'utf8'), 'precious')
  assert.equal((await runCli([...args, '--force'])).code, 0)
  assert.equal(parseMetainfo(readFileSync(join(folder, 'out', 'set.torrent'))).name, 'set')
  assert.deepEqual(readdirSync(join(folder, 'out')), ['set.torrent'])
})

test('an output that would be part of the data, or has no folder, is refused', async (t) => {
  const folder = sampleFolder(t, files)
  const set = join(folder, 'set')
  mkdirSync(join(folder, 'taken'))
  const cases: [string[], number, RegExp][] = [
    [[set, '-o', join(set, 'set.torrent'), '--force'], 2, /part of what is shared.*\(BAD_OPTION\)$/m],
    [[join(set, 'a.bin'), '-o', join(set, 'a.bin'), '--force'], 2, /part of what is shared/],
    [[set, '-o', join(folder, 'no', 'out')], 5, /no such folder \(NOT_FOUND\)$/m],
    [[set, '-o', join(folder, 'taken'), '--force'], 5, /a folder is in the way \(NOT_A_FILE\)$/m],
    [[join(folder, 'nowhere')], 5, /no such file or folder \(NOT_FOUND\)$/m],
  ]
  for (const [args, code, message] of cases) {
    const outcome = await runCli(['create', ...args])
    assert.equal(outcome.code, code, args.join(' '))
    assert.match(outcome.stderr, message)
  }
  assert.deepEqual(readFileSync(join(set, 'a.bin')), Buffer.from(files['set/a.bin']))
})

test('options that make no sense are usage errors', async () => {
  const cases: [string[], RegExp][] = [
    [[], /missing required argument 'path'/],
    [['x', '--piece-length', '100K'], /--piece-length <size>.*power of two/],
    [['x', '--tracker', 'http://a/,'], /--tracker <url>/],
    [['x', '--tracker', 'example.org'], /example\.org is no URL/],
    [['x', '--exclude', ''], /--exclude <glob>/],
    [['x', '--workers', '0'], /--workers <n>/],
  ]
  const outcomes = await Promise.all(cases.map(([args]) => runCli(['create', ...args])))
  for (const [at, { code, stderr }] of outcomes.entries()) {
    assert.equal(code, 2, cases[at]![0].join(' '))
    assert.match(stderr, /^swarmfetch: [^\n]+ \(BAD_OPTION\)\n$/)
    assert.match(stderr, cases[at]![1])
  }
})

test('--quiet says nothing, and names that change are warned of all the same', async (t) => {
  const folder = sampleFolder(t, { 'set/end.': samplePayload(1) })
  const args = ['create', join(folder, 'set'), '-o', join(folder, 'out.torrent'), '--quiet']
  const { code, stdout, stderr } = await runCli(args)
  assert.deepEqual([code, stdout], [0, ''])
  assert.match(
    stderr,
    /^swarmfetch: 1 name is no good .*: set\/end\. becomes set\/end when it is downloaded\n$/,
  )
})

test('a signal stops the hashing, and nothing is written', async (t) => {
  const folder = sampleFolder(t, { 'large/a': new Uint8Array(0) })
  // Of no weight on disk, and minutes to hash.
  truncateSync(join(folder, 'large', 'a'), 2 ** 38)
  const child = startCli(t, ['create', join(folder, 'large'), '-o', join(folder, 'out.torrent')])
  child.stderr.once('data', () => child.kill('SIGTERM'))
  assert.equal(await exitOf(child), 7)
  assert.deepEqual(readdirSync(folder), ['large'])
})

test('the report can do nothing to a terminal', () => {
  const created = {
    torrent: new Uint8Array(0),
    infoHash: 'ab'.repeat(20),
    magnet: 'magnet:?xt=urn:btih:x',
    name: 'x',
    totalBytes: 1,
    pieceLength: 16_384,
    pieceCount: 1,
    fileCount: 1,
    renamedFiles: [],
  }
  const text = createdText(created, 'bell\u0007.torrent')
  assert.ok(!text.includes('\u0007'))
  assert.match(text, /^Data {7}1 B in 1 file, 1 piece of 16 KiB$/m)
  assert.equal(renamedText([]), undefined)
  const renamed: RenamedFile[] = Array(3).fill({ path: 'a\u001b[2J', downloadedAs: 'b' })
  assert.ok(!renamedText(renamed)!.includes('\u001b'))
  assert.match(
    renamedText(renamed)!,
    /^3 names are no good .*: a\S* becomes b when it is downloaded, and so on$/,
  )
})
