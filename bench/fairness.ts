/**
 * How evenly our seed serves a crowd that comes at once: Jain's index of the bytes that each peer got, which is 1
 * when all got the same, and 1/n when one got everything.
 *
 * `node dist/bench/fairness.js [--peers 200] [--seconds 20] [--size 256] [--piece 1024] [--max-upload MBS] [--random]`
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from '../src/client/client.js'
import { Crowd } from './crowd.js'
import { writeRandomFile } from './payload.js'
import { hashPayload, writeTorrent } from './torrent.js'
import { makeWorkspace } from './workspace.js'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    size: { type: 'string', default: '256' },
    piece: { type: 'string', default: '1024' },
    'max-upload': { type: 'string' },
    /** Each block that they ask for is another one, not the next. */
    random: { type: 'boolean', default: false },
  },
})

/** Until all are connected and served. */
const WARM_UP_MS = 2_000

const peerCount = Number(values.peers)
const folder = makeWorkspace(tmpdir())
const payload = writeRandomFile(join(folder, 'payload.bin'), Number(values.size) * 1_048_576)
const torrent = hashPayload({ files: [payload], pieceLengthBytes: Number(values.piece) * 1024 })
const torrentPath = join(folder, 'payload.torrent')
writeTorrent(torrentPath, torrent, undefined)

const limit = values['max-upload']
const client = new Client({
  port: 0,
  dht: false,
  lsd: false,
  ...(limit === undefined ? {} : { maxUploadBytesPerSecond: Number(limit) * 1e6 }),
})
const seeding = await client.add(torrentPath, {
  output: folder,
  seed: true,
  download: false,
  useTrackers: false,
  maxPeers: peerCount,
})
await seeding.done

const crowd = new Crowd({ torrent, port: client.port, peerCount, isRandom: values.random })
await sleep(WARM_UP_MS)
const before = await crowd.count()
const startedAt = performance.now()
await sleep(Number(values.seconds) * 1000)
const after = await crowd.count()
const seconds = (performance.now() - startedAt) / 1000
await crowd.dismiss()
await client.close()

const got = after.map((bytes, nth) => bytes - before[nth]!).sort((a, b) => a - b)
const total = got.reduce((sum, bytes) => sum + bytes, 0)
const squares = got.reduce((sum, bytes) => sum + bytes * bytes, 0)
const { maxRSS } = process.resourceUsage()
console.log(
  `${peerCount} peers, ${seconds.toFixed(1)} s, ${(total / seconds / 1e6).toFixed(0)} MB/s together`,
)
console.log(`Jain's index ${(total ** 2 / (got.length * squares)).toFixed(3)}`)
const [least, middle, most] = [got[0]!, got[got.length >> 1]!, got.at(-1)!].map((bytes) => perSecond(bytes))
console.log(`each got ${least} at least, ${middle} in the middle, ${most} at most`)
console.log(`the seed had ${(maxRSS / 1024).toFixed(0)} MiB resident at most`)

function perSecond(bytes: number): string {
  return `${(bytes / seconds / 1e6).toFixed(2)} MB/s`
}
