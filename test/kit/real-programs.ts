/**
 * Tests against real programs run where those are installed and are skipped elsewhere. Where nothing may be
 * skipped, SWARMFETCH_REQUIRE_ALL=1 turns a missing program into a failure, so that no gap goes unseen.
 *
 * `test('aria2 fetches from our seed', { skip: needs('aria2c') }, async () => ...)`
 */
import { canMakeNamespaces, isInstalled, libtorrentPython, versionOf } from '../../bench/installed.js'

const PROBES = {
  aria2c: () => isInstalled('aria2c'),
  'transmission-cli': () => isInstalled('transmission-cli'),
  'transmission-create': () => isInstalled('transmission-create'),
  'transmission-daemon': () => isInstalled('transmission-daemon'),
  mktorrent: () => isInstalled('mktorrent'),
  nginx: () => isInstalled('nginx'),
  opentracker: () => isInstalled('opentracker'),
  libtorrent: () => libtorrentPython() !== undefined,
  namespaces: canMakeNamespaces,
  mounts: canMount,
} as const satisfies Record<string, () => boolean>

/** What is lacking when a probe fails that does not look for a program. */
const ABILITIES: Partial<Record<RealProgram, string>> = {
  namespaces: 'network namespaces (root and ip)',
  mounts: 'leave to mount file systems (root and unshare)',
}

export type RealProgram = keyof typeof PROBES

/** Asking takes a process for some of them, and the answer does not change. */
const answers = new Map<RealProgram, boolean>()

/** The reason to skip, or false when all are here. Throws instead of giving a reason when nothing may be skipped. */
export function needs(...programs: readonly RealProgram[]): string | false {
  const missing = programs.filter((program) => !isHere(program))
  if (missing.length === 0) return false
  const reason = `not here: ${missing.map((program) => ABILITIES[program] ?? program).join(', ')}`
  if (process.env.SWARMFETCH_REQUIRE_ALL === '1') throw new Error(`${reason} (SWARMFETCH_REQUIRE_ALL is set)`)
  return reason
}

function isHere(program: RealProgram): boolean {
  const known = answers.get(program)
  if (known !== undefined) return known
  const answer = PROBES[program]()
  answers.set(program, answer)
  return answer
}

/** Whether we may mount file systems that only our own processes see. */
function canMount(): boolean {
  return versionOf('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt') !== undefined
}
