/** Two processes of a tracker in one, without sockets: what each answers itself, and what goes to the other. */
import type { TestContext } from 'node:test'
import type { DatagramSource } from '../../../src/tracker-server/datagram-desk.js'
import { Shard } from '../../../src/tracker-server/shards/shard.js'
import {
  checkTrackerOptions,
  type TrackerServerOptions,
} from '../../../src/tracker-server/tracker-options.js'
import { UdpAnswer } from '../../../src/tracker-server/udp-answer.js'
import { infoHash } from '../sample-tracker.js'
import { PairedStream } from './paired-streams.js'

export interface TwoShards {
  readonly shards: readonly [Shard, Shard]
  /** Torrents of the sample tracker that this shard has. */
  torrentsOf(shard: number): number[]
  /** Sends the datagram to that shard. Resolves with the answer, whichever of the two gives it, and its giver. */
  ask(shard: number, packet: Buffer): Promise<{ readonly answer: Buffer; readonly from: number }>
}

export const client: DatagramSource = {
  address: Uint8Array.of(10, 0, 0, 1),
  addressBytes: 4,
  host: '10.0.0.1',
  port: 4_000,
}

export function twoShards(t: TestContext, options: TrackerServerOptions = {}): TwoShards {
  const checked = checkTrackerOptions({ ...options, workers: 2 })
  const secrets = { connectionKey: new Uint8Array(16).fill(1), shardKey: new Uint8Array(16).fill(2) }
  const [a, b] = [0, 1].map((own) => {
    const serve = () => Buffer.of(0)
    return new Shard(checked, { own, secrets, nowSeconds: () => 1_000, isCatalogued: () => false, serve })
  }) as [Shard, Shard]
  const [here, there] = PairedStream.pair()
  a.post.attach(1, here)
  b.post.attach(0, there)
  t.after(() => {
    a.post.close()
    b.post.close()
  })
  const shards = [a, b] as const
  let heard: (said: { answer: Buffer; from: number }) => void = () => {}
  for (const [from, shard] of shards.entries()) {
    const take = (packet: Buffer) => {
      const answer = new UdpAnswer()
      const length = shard.udp(0).receive(packet, client, answer)
      if (length > 0) heard({ answer: answer.bytes.subarray(0, length), from })
    }
    shard.attach([{ take, send: (answer) => heard({ answer, from }) }])
  }
  return {
    shards,
    torrentsOf: (shard) =>
      Array.from({ length: 250 }, (_, torrent) => torrent).filter((torrent) => {
        return a.map.ownerOf(infoHash(torrent)) === shard
      }),
    ask: (shard, packet) =>
      new Promise((resolve) => {
        heard = resolve
        const answer = new UdpAnswer()
        const length = shards[shard]!.udp(0).receive(packet, client, answer)
        if (length > 0) resolve({ answer: answer.bytes.subarray(0, length), from: shard })
      }),
  }
}
