/** Other people's programs that demand encryption of us, and we of them, in both directions. */
import assert from 'node:assert/strict'
import { basename, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { EXIT } from '../../src/cli/exit-codes.js'
import { Client } from '../../src/client/client.js'
import { CliProcess } from '../kit/cli-process.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { type RealLeecher, startLeecher } from '../kit/real-leechers.js'
import { libtorrentMagnetCommand, libtorrentSettings, type RealEncryption } from '../kit/real-libtorrent.js'
import { type Home, makeNetwork } from '../kit/real-network.js'
import { RealProcess } from '../kit/real-process.js'
import { needs } from '../kit/real-programs.js'
import {
  loopbackPlace,
  peerOf,
  type SeedPlace,
  type SeedPlan,
  startAria2,
  startLibtorrent,
  startTransmission,
} from '../kit/real-seeds.js'
import { startTracker } from '../kit/real-tracker.js'

const PORT = 51_413
/** Of each group: each test has three programs, which mostly wait for each other. */
const concurrency = 4

const folder = newFolder()
const payload = writeRandomFile(join(folder, 'payload.bin'), 3_000_001)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })
const torrent = join(folder, 'payload.torrent')
writeTorrent(torrent, info, undefined)
const LINK = `magnet:?xt=urn:btih:${info.infoHashHex}`

interface Program {
  readonly start: (t: TestContext, plan: SeedPlan) => Promise<RealProcess>
  readonly skip: string | false
  /** It refuses loopback addresses. */
  readonly needsNetwork: boolean
  readonly demands: readonly RealEncryption[]
}

const PROGRAMS: Readonly<Record<keyof typeof startLeecher, Program>> = {
  libtorrent: {
    start: startLibtorrent,
    skip: needs('libtorrent'),
    needsNetwork: false,
    demands: ['rc4', 'plainPayload'],
  },
  aria2: {
    start: startAria2,
    skip: needs('aria2c'),
    needsNetwork: false,
    demands: ['rc4', 'plainPayload'],
  },
  transmission: {
    start: startTransmission,
    skip: needs('transmission-daemon', 'namespaces'),
    needsNetwork: true,
    demands: ['rc4'],
  },
}

const CASES = Object.entries(PROGRAMS).flatMap(([name, program]) => {
  return program.demands.map((encryption) => ({
    name: name as keyof typeof startLeecher,
    program,
    encryption,
  }))
})

/** Two homes for programs that need them, or twice this machine. */
function homesFor(t: TestContext, { needsNetwork }: Program, count: number): Partial<Home>[] {
  return needsNetwork ? makeNetwork(t, count) : Array.from({ length: count }, () => ({}))
}

async function placeAt(home: Partial<Home>): Promise<SeedPlace> {
  const { host, prefix = [] } = home
  return host === undefined ? await loopbackPlace() : { host, port: PORT, prefix }
}

interface Download {
  readonly code: number | null
  readonly output: string
  readonly stderr: string
}

async function download(
  t: TestContext,
  { program, encryption }: (typeof CASES)[number],
  { options, isMagnet = false }: { options: readonly string[]; isMagnet?: boolean },
): Promise<Download> {
  const [theirs, ours] = homesFor(t, program, 2)
  const plan = { torrent, folder, place: await placeAt(theirs!), encryption }
  await program.start(t, plan)
  const output = newFolder()
  const source = isMagnet ? `${LINK}&x.pe=${peerOf(plan)}` : torrent
  const peer = isMagnet ? [] : ['--peer', peerOf(plan)]
  const args = [source, '-o', output, '--port', '0', '--no-lsd', '--no-dht', ...peer, ...options]
  const { code, stderr } = await new RealGet(t, args, ours!.prefix).outcome
  return { code, output, stderr }
}

function assertComplete({ code, output, stderr }: Download): void {
  assert.equal(code, EXIT.done, stderr)
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

/** Our own seed, and the .torrent with the tracker that knows it. */
async function startOurSeed(t: TestContext, [trackerHome, home]: readonly Partial<Home>[], how: string) {
  const tracker = await startTracker(t, trackerHome)
  const announced = join(newFolder(), 'announced.torrent')
  writeTorrent(announced, info, tracker.http)
  const options = ['--port', '0', '--no-lsd', '--no-dht', '--encryption', how]
  const seed = new CliProcess(t, ['seed', announced, folder, ...options], home?.prefix)
  await seed.until(({ type }) => type === 'trackerAnswered')
  return announced
}

async function assertArrives({ output, complete }: RealLeecher): Promise<void> {
  await complete()
  assertSameFile(join(output, basename(payload.location)), payload.location)
}

describe('encryption', { concurrency: true }, () => {
  describe('a seed that demands encryption gives us everything', { concurrency }, () => {
    for (const each of CASES) {
      const { name, encryption, program } = each
      const what = encryption === 'rc4' ? 'all of it' : 'of the handshake'
      test(`${name}, ${what}`, { skip: program.skip }, async (t) => {
        assertComplete(await download(t, each, { options: ['--timeout', '20'] }))
      })

      if (encryption !== 'rc4') continue
      test(`${name}, ${what}, and we do too; the metadata first`, { skip: program.skip }, async (t) => {
        const options = ['--timeout', '20', '--encryption', 'require']
        assertComplete(await download(t, each, { options, isMagnet: true }))
      })
    }
  })

  describe('who demands what the other refuses gets nothing', { concurrency }, () => {
    const [rc4, plainPayload] = CASES
    for (const [each, how] of [
      [plainPayload!, 'require'],
      [rc4!, 'off'],
    ] as const) {
      test(`${each.name}, ${each.encryption}, and we ${how}`, { skip: each.program.skip }, async (t) => {
        const options = ['--timeout', '2', '--encryption', how]
        assert.equal((await download(t, each, { options })).code, EXIT.gaveUp)
      })
    }
  })

  describe('our seed gives everything to who demands encryption', { concurrency }, () => {
    for (const { name, program, encryption } of CASES) {
      const how = encryption === 'rc4' ? 'require' : 'prefer'
      test(`${name}, ${encryption}, and we ${how}`, { skip: program.skip }, async (t) => {
        const [trackerHome, seedHome, leecherHome] = homesFor(t, program, 3)
        const announced = await startOurSeed(t, [trackerHome!, seedHome!], how)
        const { host, prefix } = leecherHome!
        const place =
          host === undefined ? await loopbackPlace() : { host, port: PORT, ...(prefix && { prefix }) }
        await assertArrives(await startLeecher[name](t, announced, { ...place, encryption }))
      })
    }

    test('libtorrent, the metadata first', { skip: needs('libtorrent') }, async (t) => {
      const client = new Client({ port: 0, workers: 1, dht: false, lsd: false, encryption: 'require' })
      t.after(() => client.close())
      const seeding = await client.add(torrent, {
        output: folder,
        download: false,
        seed: true,
        useTrackers: false,
      })
      await seeding.done
      const output = newFolder()
      const args = [LINK, output, `127.0.0.1:${client.port}`, libtorrentSettings({ encryption: 'rc4' })]
      const leecher = new RealProcess(t, libtorrentMagnetCommand(...args))
      assert.equal(await leecher.exitCode, 0, leecher.said)
      assertSameFile(join(output, basename(payload.location)), payload.location)
    })
  })
})
