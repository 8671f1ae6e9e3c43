/** Processes full of leechers (`leechers.ts`) that take what one seed gives them, and what each has got so far. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TorrentInfo } from './torrent.js'

export interface CrowdPlan {
  readonly torrent: TorrentInfo
  /** Where the seed listens on 127.0.0.1. */
  readonly port: number
  readonly peerCount: number
  /** Each block that they ask for is another one, not the next. */
  readonly isRandom: boolean
}

/** They are the load, and need what one core can give each. */
const MOST_PROCESSES = 2

export class Crowd {
  readonly #processes: readonly ChildProcess[]

  constructor(plan: CrowdPlan) {
    const each = Math.ceil(plan.peerCount / MOST_PROCESSES)
    const firsts = Array.from({ length: Math.ceil(plan.peerCount / each) }, (_, nth) => nth * each)
    this.#processes = firsts.map((first) => start(plan, first, Math.min(each, plan.peerCount - first)))
  }

  /** The bytes that each peer has got so far. */
  async count(): Promise<number[]> {
    const answers = this.#processes.map(async (child) => {
      const answered = once(child, 'message')
      child.send('count')
      return ((await answered) as [number[]])[0]
    })
    return (await Promise.all(answers)).flat()
  }

  /** Resolves when all are gone. */
  async dismiss(): Promise<void> {
    const dismissed = this.#processes.map(async (child) => {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    })
    await Promise.all(dismissed)
  }
}

function start({ torrent, port, isRandom }: CrowdPlan, first: number, count: number): ChildProcess {
  const { pieceLengthBytes, files } = torrent.plan
  const totalBytes = files.reduce((sum, file) => sum + file.length, 0)
  const options = {
    seed: `127.0.0.1:${port}`,
    'info-hash': torrent.infoHashHex,
    pieces: Math.floor(totalBytes / pieceLengthBytes),
    'piece-length': pieceLengthBytes,
    count,
    first,
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  return fork(join(import.meta.dirname, 'leechers.js'), isRandom ? [...args, '--random'] : args)
}
