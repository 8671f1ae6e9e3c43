/**
 * Starts the benchmarks' own servers as processes. A helper says where it listens as soon as it does, and ends
 * when its parent ends, however that happens: the channel between them closes, and that is its sign.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { PeerAddress } from '../src/core/peer-address.js'
import type { TorrentInfo } from './torrent.js'

export interface Helper {
  /** Where it listens. */
  readonly addresses: readonly PeerAddress[]
  stop(): void
}

/** What a helper sends its parent once every address listens. */
interface Ready {
  readonly addresses: readonly PeerAddress[]
}

/** Starts `name`.js of this folder and waits until it listens. `prefix` is a command that runs it, if any. */
export async function startHelper(
  name: string,
  args: readonly string[],
  prefix: readonly string[] = [],
): Promise<Helper> {
  const [execPath = process.execPath, ...execArgv] = prefix
  const child = fork(join(import.meta.dirname, `${name}.js`), args, {
    execPath,
    execArgv: prefix.length === 0 ? [] : [...execArgv, process.execPath],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { addresses } = await readiness(name, child)
  return { addresses, stop: () => child.disconnect() }
}

/** What tells the seed process which torrent it offers. */
export function seedArguments({ plan, infoHashHex }: TorrentInfo): string[] {
  const payload = plan.files.flatMap((file) => ['--payload', file.location])
  return [...payload, '--piece-length', String(plan.pieceLengthBytes), '--info-hash', infoHashHex]
}

function readiness(name: string, child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended at once with code ${code}`)))
  })
}

/** Called by the helper: tells the parent, or a person who started it by hand. */
export function announceReady(addresses: readonly PeerAddress[]): void {
  if (process.send === undefined) {
    for (const { host, port } of addresses) console.log(`${host}:${port}`)
    return
  }
  const ready: Ready = { addresses }
  process.send(ready)
  process.once('disconnect', () => process.exit())
}
