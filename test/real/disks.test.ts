/** Disks that are too small or may not be written, in mount namespaces that end with the process. */
import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { PROGRAM } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, peerOf, startLibtorrent } from '../kit/real-seeds.js'

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 8_000_001)
const torrent = join(newFolder(), 'payload.torrent')
writeTorrent(torrent, hashPayload({ files: [payload], pieceLengthBytes: 131_072 }), undefined)

/** Runs a shell script, which alone sees what it mounts. `"$@"` in it is the download into `$disk`. */
function inOwnMounts(t: TestContext, script: string, peer: string): { shell: RealProcess; disk: string } {
  const disk = newFolder()
  const get = [
    process.execPath,
    PROGRAM,
    'get',
    '--no-dht',
    '--no-lsd',
    torrent,
    '-o',
    disk,
    '--peer',
    peer,
    '--timeout',
    '20',
  ]
  const args = ['--mount', 'sh', '-c', `disk=${disk}\n${script}`, 'sh', ...get]
  return { shell: new RealProcess(t, { program: 'unshare', args }), disk }
}

const skip = needs('libtorrent', 'mounts')

test('a disk that fills up ends it with 5; with more room the same command goes on', { skip }, async (t) => {
  const plan = { torrent, folder: dirname(payload.location), place: await loopbackPlace() }
  await startLibtorrent(t, plan)
  for (const allocate of ['sparse', 'full']) {
    const copy = join(newFolder(), 'copy')
    const script = `
      mount -t tmpfs -o size=5m tmpfs "$disk"
      "$@" --allocate ${allocate}; echo "first: $?"
      mount -o remount,size=20m "$disk"
      "$@" --allocate ${allocate}; echo "second: $?"
      cp "$disk/${basename(payload.location)}" ${copy}`
    const { shell } = inOwnMounts(t, script, peerOf(plan))
    assert.equal(await shell.exitCode, 0, shell.said)
    assert.match(shell.said, /^swarmfetch: payload\.bin: .*\(DISK_FULL\)$/m)
    assert.match(shell.said, /^first: 5$(.|\n)*^second: 0$/m)
    assertSameFile(copy, payload.location)
  }
})

test('a disk that may only be read ends it with 5', { skip }, async (t) => {
  const plan = { torrent, folder: dirname(payload.location), place: await loopbackPlace() }
  await startLibtorrent(t, plan)
  const { shell, disk } = inOwnMounts(t, 'mount -t tmpfs -o ro tmpfs "$disk" && exec "$@"', peerOf(plan))
  assert.equal(await shell.exitCode, 5, shell.said)
  assert.match(shell.said, /^swarmfetch: payload\.bin: .*\(READ_ONLY\)$/m)
  assert.ok(shell.said.includes(disk), shell.said)
})

test('a disk that may only be read, with everything on it, is no obstacle', { skip }, async (t) => {
  const script = `
    mount -t tmpfs tmpfs "$disk" && cp ${payload.location} "$disk" && mount -o remount,ro "$disk" && exec "$@"`
  const { shell } = inOwnMounts(t, script, peerOf({ torrent, folder: '', place: await loopbackPlace() }))
  assert.equal(await shell.exitCode, 0, shell.said)
})
