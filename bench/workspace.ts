/** A folder for large short-lived files that is gone when the process is, whatever ends it short of SIGKILL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export function makeWorkspace(parent: string): string {
  const folder = mkdtempSync(join(parent, 'swarmfetch-'))
  // Programs that are being killed may still write for a moment.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return folder
}
