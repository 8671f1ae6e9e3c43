/** A folder for large short-lived files that is gone when the process is, whatever ends it short of SIGKILL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export function makeWorkspace(parent: string): string {
  const folder = mkdtempSync(join(parent, 'swarmfetch-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
