/** The seeds that are compared, as processes that offer one torrent on a port of 127.0.0.1. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { libtorrentPython } from './installed.js'
import { startProgram } from './program-process.js'

export interface SeedPlan {
  /** Path of the .torrent. */
  readonly torrent: string
  /** Where the payload lies. */
  readonly folder: string
  readonly port: number
  readonly peerCount: number
}

export interface RunningSeed {
  readonly pid: number
  stop(): Promise<void>
}

export interface SeedProgram {
  readonly name: string
  start(plan: SeedPlan): Promise<RunningSeed>
}

/** Those this machine has, swarmfetch first; libtorrent as it comes, and tuned for fast local links. */
export function installedSeeds(): SeedProgram[] {
  const python = libtorrentPython()
  const swarmfetch = { name: 'swarmfetch', start: startSwarmfetch }
  if (python === undefined) return [swarmfetch]
  const libtorrents = ['default', 'tuned'].map((profile) => ({
    name: profile === 'default' ? 'libtorrent' : 'libtorrent tuned',
    start: (plan: SeedPlan) => startLibtorrent(python, profile, plan),
  }))
  return [swarmfetch, ...libtorrents]
}

function startSwarmfetch({ torrent, folder, port, peerCount }: SeedPlan): Promise<RunningSeed> {
  const limits = ['--port', String(port), '--max-peers', String(Math.max(200, peerCount))]
  const alone = ['--no-trackers', '--no-dht', '--no-lsd', '--no-pex']
  const isSeeding = (event: { readonly phase?: unknown }) => event.phase === 'seeding'
  return startProgram(['seed', torrent, folder, ...limits, ...alone, '--json'], isSeeding)
}

async function startLibtorrent(
  python: string,
  profile: string,
  { torrent, folder, port }: SeedPlan,
): Promise<RunningSeed> {
  const script = join(import.meta.dirname, '..', '..', 'bench', 'seed-libtorrent.py')
  const args = [script, profile, torrent, folder, String(port)]
  const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const closed = once(child, 'close').then(() => process.off('exit', kill))
  await Promise.race([
    once(child.stdout, 'data'),
    closed.then(() => Promise.reject(new Error('libtorrent does not seed'))),
  ])
  const stop = async () => {
    kill()
    await closed
  }
  return { pid: child.pid!, stop }
}
