/** The processes that work for a tracker. */
import { readdirSync, readFileSync } from 'node:fs'

/** Those of this parent that run the program of a worker. Of no use where there is no /proc. */
export function workerPids(parent = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isWorkerOf(pid, parent))
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false
  }
}

/** It may end while it is looked at. */
function isWorkerOf(pid: number, parent: number): boolean {
  try {
    const [, ppid] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
    return (
      Number(ppid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('worker-main.js')
    )
  } catch {
    return false
  }
}
