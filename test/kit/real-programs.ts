/**
 * Tests against real programs run where those are installed and are skipped elsewhere. Where nothing may be
 * skipped, SWARMFETCH_REQUIRE_ALL=1 turns a missing program into a failure, so that no gap goes unseen.
 *
 * `test('aria2 fetches from our seed', { skip: needs('aria2c') }, async () => ...)`
 */
import { canMakeNamespaces, isInstalled, libtorrentPython } from '../../bench/installed.js'

const PROBES = {
  aria2c: () => isInstalled('aria2c'),
  'transmission-cli': () => isInstalled('transmission-cli'),
  'transmission-daemon': () => isInstalled('transmission-daemon'),
  mktorrent: () => isInstalled('mktorrent'),
  libtorrent: () => libtorrentPython() !== undefined,
  namespaces: canMakeNamespaces,
} as const satisfies Record<string, () => boolean>

export type RealProgram = keyof typeof PROBES

/** The reason to skip, or false when all are here. Throws instead of giving a reason when nothing may be skipped. */
export function needs(...programs: readonly RealProgram[]): string | false {
  const missing = programs.filter((program) => !PROBES[program]())
  if (missing.length === 0) return false
  const reason = `not installed: ${missing.join(', ')}`
  if (process.env.SWARMFETCH_REQUIRE_ALL === '1') throw new Error(`${reason} (SWARMFETCH_REQUIRE_ALL is set)`)
  return reason
}
