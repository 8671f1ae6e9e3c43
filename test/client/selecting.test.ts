import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { OptionError } from '../../src/core/errors.js'
import { fetchFrom, scratchFolder } from '../kit/fetching.js'
import { assertFiles, makeTorrent } from '../kit/made-torrent.js'
import { ScriptedPeer } from '../kit/scripted-peer.js'

const TIMEOUT = { timeout: 15_000 }

/** No file but the first begins at the edge of a piece. */
const torrent = makeTorrent({
  folder: 'album',
  files: { 'one.wav': 100_000, 'two.wav': 70_001, 'cover.jpg': 5, 'notes/a.txt': 50_000, 'notes/b.txt': 0 },
  pieceLength: 32_768,
})

for (const { select, chosen } of [
  { select: ['two.wav'], chosen: ['two.wav'] },
  { select: [2], chosen: ['cover.jpg'] },
  { select: ['*.wav'], chosen: ['one.wav', 'two.wav'] },
  { select: ['notes/*'], chosen: ['notes/a.txt', 'notes/b.txt'] },
  { select: [0, 'album/notes/b.txt'], chosen: ['one.wav', 'notes/b.txt'] },
  { select: ['notes/b.txt'], chosen: ['notes/b.txt'] },
]) {
  test(
    `selecting ${select.join(' and ')} makes ${chosen.join(' and ')}, and nothing else`,
    TIMEOUT,
    async (t) => {
      const peer = await ScriptedPeer.listen(t, torrent)
      const output = scratchFolder(t)
      const { result } = await fetchFrom(torrent, [peer], { output, select })
      assertFiles(torrent, output, (path) => chosen.includes(path))
      assert.deepEqual(
        readdirSync(output).filter((name) => !name.endsWith('.resume')),
        ['album'],
      )
      assert.deepEqual(
        result.files.map((file) => basename(file)),
        chosen.map((path) => basename(path)),
      )
      const { geometry, files } = torrent.metainfo
      const wanted = new Set<number>()
      for (const [fileIndex, { path }] of files.entries()) {
        if (!chosen.includes(path.slice(1).join('/'))) continue
        const { first, end } = geometry.piecesOfFile(fileIndex)
        for (let index = first; index < end; index++) wanted.add(index)
      }
      assert.deepEqual(new Set(peer.requests.map(({ index }) => index)), wanted)
    },
  )
}

test('selecting more later fetches only what was not there', TIMEOUT, async (t) => {
  const output = scratchFolder(t)
  const first = await ScriptedPeer.listen(t, torrent)
  await fetchFrom(torrent, [first], { output, select: ['one.wav'] })
  const second = await ScriptedPeer.listen(t, torrent)
  await fetchFrom(torrent, [second], { output })
  assertFiles(torrent, output)
  assert.ok(second.requests.every(({ index }) => index >= 3))
})

test('a choice that matches no file is refused, and nothing is made', TIMEOUT, async (t) => {
  const output = scratchFolder(t)
  for (const select of [['*.flac'], [99], ['one.wav', 'nothing.at.all']]) {
    const fetching = fetchFrom(torrent, [], { output: `${output}/new`, select })
    await assert.rejects(
      fetching,
      (error) => error instanceof OptionError && error.code === 'NOTHING_SELECTED',
    )
  }
  assert.ok(!existsSync(`${output}/new`))
})
