/** Folders for what real programs read and write, and the question whether two of them hold the same. */
import assert from 'node:assert/strict'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeWorkspace } from '../../bench/workspace.js'

// Folders go when the process exits, after all programs that write in them; a runner that loses patience sends this.
process.once('SIGTERM', () => process.exit(143))

let workspace: string | undefined

/** An empty folder that stays until the process exits. */
export function newFolder(): string {
  workspace ??= makeWorkspace(tmpdir())
  return mkdtempSync(join(workspace, 'real-'))
}

export function assertSameFile(actual: string, expected: string): void {
  assert.ok(readFileSync(actual).equals(readFileSync(expected)), `${actual} is not what ${expected} is`)
}

/** The same files, no more and no fewer, with the same bytes. Empty folders do not count. */
export function assertSameTree(actual: string, expected: string): void {
  const files = filesBelow(expected)
  assert.deepEqual(filesBelow(actual), files)
  for (const file of files) assertSameFile(join(actual, file), join(expected, file))
}

/** Paths below the folder, sorted. */
export function filesBelow(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.filter((path) => statSync(join(folder, path)).isFile()).sort()
}

export interface Damage {
  readonly position: number
  readonly length: number
}

/** Overwrites a part of a file with what was certainly not there. */
export function damage(file: string, { position, length }: Damage): void {
  const fd = openSync(file, 'r+')
  const bytes = Buffer.alloc(length)
  readSync(fd, bytes, 0, length, position)
  writeSync(
    fd,
    bytes.map((byte) => byte ^ 0xff),
    0,
    bytes.length,
    position,
  )
  closeSync(fd)
}
