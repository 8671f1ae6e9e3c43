/** What tests of the announcer share: a torrent that listens, trackers that answer, an announcer between them. */
import type { TestContext } from 'node:test'
import type { Bencodable } from '../../src/core/bencode/bencode-value.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import type { TrackerError } from '../../src/core/errors.js'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { type AnnouncedTorrent, Announcer } from '../../src/tracker/announcer.js'
import { HttpConnections } from '../../src/tracker/http-connections.js'
import { trackerTransports } from '../../src/tracker/transports.js'
import { UdpConnections } from '../../src/tracker/udp-connections.js'
import { HandClock } from './hand-clock.js'
import { Inbox } from './inbox.js'
import { serveHttp } from './local-server.js'

/** One peer, for half an hour; again after a minute when peers are lacking. */
export const ANSWER = {
  interval: 1800,
  'min interval': 60,
  peers: Buffer.from([127, 0, 0, 1, 0x1a, 0xe1]),
}

/** A torrent that wants peers and keeps what it is told. */
export class TestTorrent implements AnnouncedTorrent {
  left = 1000
  wants = true
  lacks = true
  readonly answers = new Inbox<string>()
  readonly failures = new Inbox<{ tracker: string; code: string }>()
  readonly peers: PeerAddress[] = []

  stats() {
    return { uploaded: 1, downloaded: 2, left: this.left }
  }
  wantsPeers() {
    return this.wants
  }
  lacksPeers() {
    return this.lacks
  }
  onPeers(addresses: readonly PeerAddress[]) {
    this.peers.push(...addresses)
  }
  onAnswer(tracker: string) {
    this.answers.put(tracker)
  }
  onFailure(tracker: string, error: TrackerError) {
    this.failures.put({ tracker, code: error.code })
  }
}

export interface Setup {
  readonly announcer: Announcer
  readonly torrent: TestTorrent
  readonly clock: HandClock
}

/** A running announcer that the end of the test stops. Its dice leave the order in a tier as it is. */
export function run(
  t: TestContext,
  tiers: readonly (readonly string[])[],
  torrent = new TestTorrent(),
): Setup {
  const connections = { http: new HttpConnections(), udp: new UdpConnections() }
  const clock = new HandClock()
  const announcer = new Announcer({
    tiers,
    infoHash: new Uint8Array(20).fill(1),
    peerId: new Uint8Array(20).fill(2),
    port: 6881,
    torrent,
    transports: trackerTransports(connections, 'spelled out'),
    clock,
    random: () => 0.999_999,
    after: clock.after,
  })
  announcer.run().catch(() => {})
  t.after(async () => {
    await announcer.stop(10)
    await Promise.all([connections.http.close(), connections.udp.close()])
  })
  return { announcer, torrent, clock }
}

/** A tracker that answers all the same; the inbox gets what each announce said. */
export async function track(t: TestContext, answer: Record<string, Bencodable> = ANSWER) {
  const inbox = new Inbox<URLSearchParams>()
  const url = await serveHttp(t, (request, response) => {
    inbox.put(new URL(request.url!, 'http://t').searchParams)
    response.end(encodeBencode(answer))
  })
  return { url, inbox }
}

/** What was said, in order. */
export function events(inbox: Inbox<URLSearchParams>): (string | null)[] {
  return inbox.all.map((query) => query.get('event'))
}
