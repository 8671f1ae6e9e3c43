/** Which other programs this machine has: benchmarks measure them beside swarmfetch, tests talk to them. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first line of what the program prints, such as its version; undefined when it is missing or fails. */
export function versionOf(program: string, ...args: readonly string[]): string | undefined {
  const run = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 })
  if (run.error !== undefined || run.status !== 0) return undefined
  return `${run.stdout}${run.stderr}`.trim().split('\n')[0]
}

/** The Python that has libtorrent's bindings. Debian's packages belong to its own, which may not be the first. */
export function libtorrentPython(): string | undefined {
  return ['/usr/bin/python3', 'python3'].find(
    (python) => versionOf(python, '-c', 'import libtorrent') !== undefined,
  )
}

/** Whether we may make network namespaces, which is how two programs meet that refuse loopback addresses. */
export function canMakeNamespaces(): boolean {
  const name = `swarmfetch-probe-${process.pid}`
  if (versionOf('ip', 'netns', 'add', name) === undefined) return false
  return versionOf('ip', 'netns', 'delete', name) !== undefined
}
