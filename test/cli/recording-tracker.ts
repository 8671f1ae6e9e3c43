/** A tracker in the test's own process: it names to everybody whoever has announced, and remembers what they said. */
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { serveHttp } from '../kit/local-server.js'

export interface Announce {
  readonly infoHash: string
  readonly peerId: string
  readonly port: number
  readonly event: string
  readonly left: number
  readonly uploaded: number
}

export class RecordingTracker {
  readonly announces: Announce[] = []
  readonly #heard = new EventTarget()

  /** The announce URL, for `announce` of a .torrent. */
  async serve(t: TestContext): Promise<string> {
    const url = await serveHttp(t, (request, response) => {
      const announce = parse(request.url ?? '')
      const peers = this.#othersThan(announce)
      this.announces.push(announce)
      response.end(answer(peers))
      this.#heard.dispatchEvent(new Event('announce'))
    })
    return `${url}announce`
  }

  /** The first announce of which this holds, past or to come. */
  async until(holds: (announce: Announce) => boolean): Promise<Announce> {
    for (;;) {
      const found = this.announces.find(holds)
      if (found !== undefined) return found
      await once(this.#heard, 'announce')
    }
  }

  #othersThan({ infoHash, peerId }: Announce): number[] {
    const others = this.announces.filter((other) => other.infoHash === infoHash && other.peerId !== peerId)
    return [...new Set(others.map(({ port }) => port))]
  }
}

function parse(url: string): Announce {
  const fields = new Map(
    url
      .slice(url.indexOf('?') + 1)
      .split('&')
      .map((field) => field.split('=', 2) as [string, string]),
  )
  return {
    infoHash: fields.get('info_hash') ?? '',
    peerId: fields.get('peer_id') ?? '',
    port: Number(fields.get('port')),
    event: fields.get('event') ?? '',
    left: Number(fields.get('left')),
    uploaded: Number(fields.get('uploaded')),
  }
}

/** Compact peers (BEP 23). */
function answer(ports: readonly number[]): Buffer {
  const peers = Buffer.from(ports.flatMap((port) => [127, 0, 0, 1, port >> 8, port & 0xff]))
  return Buffer.concat([Buffer.from(`d8:intervali1800e5:peers${peers.length}:`), peers, Buffer.from('e')])
}
