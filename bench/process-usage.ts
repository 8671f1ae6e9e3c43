/** What processes have cost so far, by the kernel's own books (`/proc`, so Linux only). */
import { readFileSync } from 'node:fs'

/** User and system time of a running process, all its threads, in steps of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const [user, system] = statOf(pid).slice(11, 13)
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}

/** The same of every child of ours that has ended. */
export function cpuSecondsOfChildren(): number {
  const [user, system] = statOf('self').slice(13, 15)
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}

/** The most memory that a process had resident at once; 0 when it is gone. */
export function peakBytesOf(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))?.[1]
  return Number(kib ?? 0) * 1024
}

/** Linux reports times in these, whatever the kernel's real tick is. */
const TICKS_PER_SECOND = 100

/** The fields of proc(5) behind the name, which may hold anything. */
function statOf(pid: number | 'self'): string[] {
  const stat = readProc(`${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
