/** Fetches made torrents from scripted peers into folders that go away with the test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fetchTorrent } from '../../src/client/fetch-torrent.js'
import type { FetchOptions } from '../../src/client/options.js'
import type { TorrentNotice, TorrentResult } from '../../src/client/progress.js'
import type { MadeTorrent } from './made-torrent.js'
import type { ScriptedPeer } from './scripted-peer.js'

export interface Fetched {
  readonly result: TorrentResult
  readonly notices: readonly TorrentNotice[]
}

export function scratchFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmfetch-fetch-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** From these peers and nobody else. */
export async function fetchFrom(
  torrent: MadeTorrent,
  peers: readonly ScriptedPeer[],
  options: FetchOptions,
): Promise<Fetched> {
  const notices: TorrentNotice[] = []
  const result = await fetchTorrent(torrent.bytes, {
    workers: 1,
    peers: peers.map(({ address }) => address),
    useTrackers: false,
    dht: false,
    lsd: false,
    onNotice: (notice) => void notices.push(notice),
    ...options,
  })
  return { result, notices }
}

/** The codes for which this peer was banned. */
export function bansOf(notices: readonly TorrentNotice[], peer: ScriptedPeer): string[] {
  return notices.flatMap((notice) =>
    notice.type === 'peerBanned' && notice.peer === peer.name ? [notice.code] : [],
  )
}
