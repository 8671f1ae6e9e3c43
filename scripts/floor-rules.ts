/**
 * The house rules that a machine can check, as pure functions over the text of one file: which room may import
 * which, who may touch sockets, files, clocks and dice, and how long a file may be.
 *
 * The text is read with a few regular expressions, not with a parser. They know comments and strings well enough
 * for formatted code; a rule is never the only guard, so an exotic spelling that slips through costs little.
 */
import { posix } from 'node:path'

export interface Violation {
  /** Path from the top of the project, with forward slashes. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

/** A file of the project: its path from the top, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

const MAX_FILE_LINES = 300

/** Every breach in one file, in the order of its lines. */
export function checkFile(file: SourceFile): Violation[] {
  const found = [
    ...checkLength(file),
    ...importsOf(file.text).flatMap((entry) => at(file, entry.line, importBreach(file.path, entry))),
    ...checkWords(file),
  ]
  return found.sort((a, b) => a.line - b.line)
}

interface Room {
  readonly name: string
  readonly floor: number
}

const FLOORS: readonly (readonly string[])[] = [
  ['core'],
  ['wire', 'metainfo', 'config.ts'],
  ['swarm', 'net'],
  ['peer', 'storage', 'tracker', 'webseed', 'discovery'],
  ['client', 'tracker-server'],
  ['cli', 'index.ts'],
]

/** The highest floor that is pure: no I/O, no clock, no dice. */
const LAST_PURE_FLOOR = 2
/** The room there that is not: what the rooms above have in common when they connect. */
const IMPURE_ROOM = 'net'

function isPure({ name, floor }: Room): boolean {
  return floor <= LAST_PURE_FLOOR && name !== IMPURE_ROOM
}

/** The room of a file below `src/`; undefined when nobody has given its folder a floor. */
function roomOf(path: string): Room | undefined {
  const name = path.split('/')[1] ?? ''
  const floor = FLOORS.findIndex((rooms) => rooms.includes(name))
  return floor === -1 ? undefined : { name, floor }
}

interface Import {
  readonly line: number
  readonly specifier: string
}

/** `import ... from`, `export ... from`, and `import` of a bare or dynamic specifier. */
const IMPORT = new RegExp(
  [
    String.raw`\bimport\s+(?:type\s)?[\w$\s{},*]*?\bfrom\s*(['"])(?<from>.*?)\1`,
    String.raw`\bexport\s+(?:type\s)?(?:\*[\w$\s]*|\{[^}]*\}\s*)from\s*(['"])(?<reexport>.*?)\3`,
    String.raw`\bimport\s*\(?\s*(['"])(?<bare>.*?)\5`,
  ].join('|'),
  'g',
)

function importsOf(text: string): Import[] {
  const code = blankComments(text)
  return [...code.matchAll(IMPORT)].map((match) => ({
    line: lineAt(code, match.index),
    specifier: match.groups?.from ?? match.groups?.reexport ?? match.groups?.bare ?? '',
  }))
}

/** What is wrong with this import, if anything. */
function importBreach(from: string, entry: Import): string | undefined {
  const breach = entry.specifier.startsWith('.')
    ? projectBreach(from, posix.join(posix.dirname(from), entry.specifier).replace(/\.js$/, '.ts'))
    : outsideBreach(from, entry.specifier)
  return breach === undefined ? undefined : `imports ${entry.specifier}: ${breach}`
}

/** Judges an import of another file of this project. */
function projectBreach(from: string, to: string): string | undefined {
  const top = from.split('/')[0]
  if (top === 'src') return to.startsWith('src/') ? floorBreach(from, to) : 'src/ may import from src/ only'
  if (top === 'workers') return workerBreach(to)
  if (top === 'bench' && /^(test|scripts)\//.test(to)) return 'bench/ may not import tests or scripts'
  return undefined
}

function floorBreach(from: string, to: string): string | undefined {
  const importer = roomOf(from)
  const imported = roomOf(to)
  if (importer === undefined) return `src/${from.split('/')[1]} has no floor`
  if (imported === undefined) return `src/${to.split('/')[1]} has no floor`
  if (importer.name === imported.name || imported.floor < importer.floor) return undefined
  if (imported.name === 'config.ts' && importer.floor === imported.floor) return undefined
  return imported.floor === importer.floor
    ? `${importer.name} and ${imported.name} are neighbours on floor ${importer.floor}`
    : `floor ${importer.floor} may not import floor ${imported.floor}`
}

/** A worker knows the words of its tasks and nothing of who hands them in. */
function workerBreach(to: string): string | undefined {
  if (to.startsWith('workers/') || to.startsWith('src/core/') || to === 'src/storage/piece-tasks.ts')
    return undefined
  return 'a worker may import core/ and storage/piece-tasks.ts only'
}

/** Node modules and packages that reach the outside world or its time. */
const IMPURE_MODULES = new Set([
  ...['fs', 'net', 'http', 'https', 'http2', 'dgram', 'tls', 'dns', 'timers', 'child_process', 'cluster'],
  ...['worker_threads', 'readline', 'perf_hooks', 'process', 'inspector', 'repl'],
  ...['undici', 'piscina', 'pino', 'cli-progress', 'commander', 'bittorrent-dht', 'prom-client', 'socks'],
])

function outsideBreach(from: string, specifier: string): string | undefined {
  const name = specifier.replace(/^node:/, '').split('/')[0] ?? ''
  const room = from.startsWith('src/') ? roomOf(from) : undefined
  if (room === undefined || !isPure(room) || !IMPURE_MODULES.has(name)) return undefined
  return `floor ${room.floor} does no I/O and keeps no time`
}

/** The one file that may read the clock and throw the dice. */
const CLOCK_FILE = 'src/core/clock.ts'

const CLOCK_AND_DICE =
  /\b(?:Date\.now|performance\.now|Math\.random|process\.hrtime)\b|\bnew Date\(\s*\)|\bDate\(\s*\)/g
const TIMERS_AND_SECRETS =
  /(?<![.\w])(?:setTimeout|setInterval|setImmediate)\b|\b(?:randomBytes|randomInt|randomUUID|getRandomValues)\b/g

/** Clock and dice anywhere in `src/` and `workers/`; timers and random bytes on the pure floors. */
function checkWords(file: SourceFile): Violation[] {
  if (!/^(src|workers)\//.test(file.path) || file.path === CLOCK_FILE) return []
  const code = blankStrings(blankComments(file.text))
  const room = roomOf(file.path)
  const breaches = [...code.matchAll(CLOCK_AND_DICE)].flatMap((match) =>
    at(file, lineAt(code, match.index), `uses ${match[0]}: time and chance enter in ${CLOCK_FILE} only`),
  )
  if (room === undefined || !isPure(room) || !file.path.startsWith('src/')) return breaches
  const impure = [...code.matchAll(TIMERS_AND_SECRETS)].flatMap((match) =>
    at(
      file,
      lineAt(code, match.index),
      `uses ${match[0]}: floor ${room.floor} gets time and chance as arguments`,
    ),
  )
  return [...breaches, ...impure]
}

function checkLength(file: SourceFile): Violation[] {
  const lineCount = file.text.replace(/\n$/, '').split('\n').length
  if (lineCount <= MAX_FILE_LINES) return []
  return at(file, MAX_FILE_LINES + 1, `has ${lineCount} lines: no file has more than ${MAX_FILE_LINES}`)
}

function at(file: SourceFile, line: number, message: string | undefined): Violation[] {
  return message === undefined ? [] : [{ file: file.path, line, message }]
}

const STRING = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`
const COMMENT_OR_STRING = new RegExp(String.raw`${STRING}|\`(?:\\.|[^\`\\])*\`|//[^\n]*|/\*[\s\S]*?\*/`, 'g')

/** Same length and same lines, with every comment turned to blanks. */
function blankComments(text: string): string {
  return text.replace(COMMENT_OR_STRING, (token) => (token.startsWith('/') ? blank(token) : token))
}

/** Blanks quoted strings. Templates stay, because they may hold code. */
function blankStrings(text: string): string {
  return text.replace(new RegExp(STRING, 'g'), blank)
}

function blank(token: string): string {
  return token.replace(/[^\n]/g, ' ')
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
