/** Our own client as the seed of a made torrent. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { Client } from '../../src/client/client.js'
import type { ClientOptions, TorrentOptions } from '../../src/client/options.js'
import type { TorrentNotice, TorrentPhase } from '../../src/client/progress.js'
import type { Torrent } from '../../src/client/torrent.js'
import { scratchFolder } from './fetching.js'
import type { MadeTorrent } from './made-torrent.js'

export interface Seeding {
  readonly client: Client
  readonly torrent: Torrent
  /** Where the data is. */
  readonly folder: string
  readonly port: number
}

/** Files with the torrent's content, below a folder of their own unless one is given. */
export function writeContent({ metainfo, content }: MadeTorrent, folder: string): void {
  for (const { path, offset, length, isPadding } of metainfo.files) {
    if (isPadding) continue
    const location = join(folder, ...path)
    mkdirSync(dirname(location), { recursive: true })
    writeFileSync(location, content.subarray(offset, offset + length))
  }
}

/** On a port that the system chooses. The end of the test closes it. */
export function openClient(t: TestContext, options: ClientOptions = {}): Client {
  const client = new Client({ workers: 1, port: 0, dht: false, lsd: false, ...options })
  t.after(() => client.close())
  return client
}

/** Resolves when it seeds. */
export async function startSeed(
  t: TestContext,
  made: MadeTorrent,
  {
    client = openClient(t),
    folder = scratchFolder(t),
    ...options
  }: { client?: Client; folder?: string } & Partial<TorrentOptions> = {},
): Promise<Seeding> {
  writeContent(made, folder)
  const torrent = await client.add(made.bytes, {
    output: folder,
    seed: true,
    download: false,
    useTrackers: false,
    ...options,
  })
  await torrent.done
  return { client, torrent, folder, port: client.port }
}

/** Resolves when the torrent is in that phase, now or later. */
export function reached(torrent: Torrent, phase: TorrentPhase): Promise<void> {
  return new Promise((resolve) => {
    const stop = torrent.onNotice((notice) => {
      if (notice.type !== 'phase' || notice.phase !== phase) return
      stop()
      resolve()
    })
    if (torrent.progress().phase !== phase) return
    stop()
    resolve()
  })
}

/** The phases that it enters from now on. */
export function notePhases(torrent: Torrent): TorrentPhase[] {
  const phases: TorrentPhase[] = []
  torrent.onNotice((notice: TorrentNotice) => {
    if (notice.type === 'phase') phases.push(notice.phase)
  })
  return phases
}

/** Resolves when it holds, looked at again and again; rejects when it takes too long. */
export async function eventually(holds: () => boolean, withinMs = 15_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`still not: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
