/**
 * A network of its own for programs that refuse loopback addresses, or want one peer per address: homes with one
 * address each, all on one switch. Linux and root only; the machine's own network never changes.
 */
import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'

/** Where one program lives. */
export interface Home {
  readonly host: string
  /** Put in front of a command, they run it there. */
  readonly prefix: readonly string[]
}

/** Namespaces that exist now. */
const existing = new Set<string>()
let networkCount = 0
process.once('exit', () => {
  for (const name of existing) remove(name)
})

/** Removed when the test ends, and when the process exits before. */
export function makeNetwork(t: TestContext, homeCount: number): Home[] {
  const network = `swarmfetch-${process.pid}-n${networkCount++}`
  const hub = addNamespace(t, network)
  ip(['link add switch type bridge', 'link set switch up'], hub)
  return Array.from({ length: homeCount }, (_, number) => {
    const home = addNamespace(t, `${network}-${number}`)
    const host = `10.204.0.${1 + number}`
    ip([`link add port${number} type veth peer name cable netns ${home}`], hub)
    ip([`link set port${number} master switch`, `link set port${number} up`], hub)
    ip(['link set lo up', 'link set cable up', `addr add ${host}/24 dev cable`], home)
    // Programs that leave the choice of the network to the system need one for multicasts.
    ip(['route add 224.0.0.0/4 dev cable'], home)
    return { host, prefix: ['ip', 'netns', 'exec', home] }
  })
}

/** Removed as a network is. */
export function addNamespace(t: TestContext, name: string): string {
  ip([`netns add ${name}`])
  existing.add(name)
  t.after(() => remove(name))
  return name
}

function remove(name: string): void {
  spawnSync('ip', ['netns', 'delete', name])
  existing.delete(name)
}

/** Runs a batch of `ip` commands, inside a namespace if one is named. Throws with what `ip` says. */
export function ip(commands: readonly string[], namespace?: string): void {
  const where = namespace === undefined ? [] : ['-netns', namespace]
  const run = spawnSync('ip', [...where, '-batch', '-'], {
    input: `${commands.join('\n')}\n`,
    encoding: 'utf8',
  })
  if (run.status !== 0) throw new Error(`ip: ${run.stderr}`)
}
