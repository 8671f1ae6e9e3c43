/** Other people's programs, and ours, in a DHT of a few nodes. */
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { libtorrentPython } from '../../bench/installed.js'
import { RealProcess } from './real-process.js'
import type { SeedPlace } from './real-seeds.js'

/** Nodes of ours that the others begin with, as options name them. */
export async function startHub(
  t: TestContext,
  { host, prefix = [] }: Pick<SeedPlace, 'host' | 'prefix'> = { host: '127.0.0.1' },
): Promise<string[]> {
  const args = [join(import.meta.dirname, 'dht-hub.js'), host]
  const hub = new RealProcess(t, { program: process.execPath, args, prefix })
  await hub.says(/^ports [\d ]+$/m)
  const [, ports] = /^ports ([\d ]+)$/m.exec(hub.said)!
  return ports!.split(' ').map((port) => `${host}:${port}`)
}

/** Runs real-libtorrent-dht.py; see there. */
export function startLibtorrentInDht(
  t: TestContext,
  {
    torrent,
    folder,
    dhtNodes,
  }: { readonly torrent: string; readonly folder: string; readonly dhtNodes: readonly string[] },
): RealProcess {
  const script = join(import.meta.dirname, '..', '..', '..', 'test', 'kit', 'real-libtorrent-dht.py')
  const args = [script, torrent, folder, '127.0.0.1', dhtNodes[0]!]
  return new RealProcess(t, { program: libtorrentPython()!, args })
}
