/**
 * Two network namespaces joined by a virtual cable, for programs that refuse loopback addresses. Linux and root
 * only. Everything in them is gone once they are deleted, and the machine's own network never changes.
 */
import { spawnSync } from 'node:child_process'

export interface NamespacePair {
  /** Addresses on the seeding side. */
  readonly seedHosts: readonly string[]
  /** Put in front of a command, they run it on that side. */
  readonly seedPrefix: readonly string[]
  readonly downloadPrefix: readonly string[]
  remove(): void
}

const HOSTS_PER_NET = 200

/** Names of the namespaces that exist now. */
const existing = new Set<string>()
let pairCount = 0
process.once('exit', () => {
  for (const name of existing) deleteNamespace(name)
})

/** Removed when the process exits, if not before. */
export function makeNamespacePair(hostCount: number): NamespacePair {
  const [seeds, download] = ['s', 'd'].map((side) => `swarmfetch-${process.pid}-${pairCount}${side}`) as [
    string,
    string,
  ]
  pairCount++
  const seedHosts = Array.from(
    { length: hostCount },
    (_, i) => `10.203.${1 + Math.floor(i / HOSTS_PER_NET)}.${2 + (i % HOSTS_PER_NET)}`,
  )
  for (const name of [seeds, download]) {
    ip([`netns add ${name}`])
    existing.add(name)
  }
  ip([`link add cable netns ${seeds} type veth peer name cable netns ${download}`])
  ip(['link set lo up', 'link set cable up', ...seedHosts.map((h) => `addr add ${h}/16 dev cable`)], seeds)
  ip(['link set lo up', 'link set cable up', 'addr add 10.203.0.1/16 dev cable'], download)
  const prefix = (name: string) => ['ip', 'netns', 'exec', name]
  const remove = () => [seeds, download].forEach(deleteNamespace)
  return { seedHosts, seedPrefix: prefix(seeds), downloadPrefix: prefix(download), remove }
}

function deleteNamespace(name: string): void {
  spawnSync('ip', ['netns', 'delete', name])
  existing.delete(name)
}

/** Runs a batch of `ip` commands, inside a namespace if one is named. Throws with what `ip` says. */
function ip(commands: readonly string[], namespace?: string): void {
  const args = [...(namespace === undefined ? [] : ['-netns', namespace]), '-batch', '-']
  const run = spawnSync('ip', args, { input: `${commands.join('\n')}\n`, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`ip: ${run.stderr}`)
}
