/**
 * A machine of its own on an internet of its own: addresses that are public, and names for them, reach nobody but the
 * programs in it. Linux and root only; the machine's own network never changes.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { addNamespace, ip } from './real-network.js'

export interface Internet {
  /** Put in front of a command, they run it there. */
  readonly prefix: readonly string[]
}

/** By name, the addresses that it has; all of them are this machine's. The end of the test removes it. */
export function makeInternet(t: TestContext, names: Readonly<Record<string, readonly string[]>>): Internet {
  const namespace = addNamespace(t, `swarmfetch-${process.pid}-i${internetCount++}`)
  const folder = join('/etc/netns', namespace)
  mkdirSync(folder, { recursive: true })
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const entries = Object.entries(names).flatMap(([name, addresses]) =>
    addresses.map((address) => [address, name] as const),
  )
  writeFileSync(join(folder, 'hosts'), entries.map((entry) => `${entry.join(' ')}\n`).join(''))
  const own = new Set(entries.map(([address]) => address).filter((address) => !LOOPBACK.test(address)))
  ip(['link set lo up', ...[...own].map((address) => `addr add ${address} dev lo`)], namespace)
  return { prefix: ['ip', 'netns', 'exec', namespace] }
}

let internetCount = 0
const LOOPBACK = /^(127\.|::1$)/
