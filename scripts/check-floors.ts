/**
 * Fails the build when a file breaks the floors or a house number (`floor-rules.ts` knows them all). Takes the
 * top of the project as its argument, the current folder without one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkFile } from './floor-rules.js'

const FOLDERS = ['src', 'workers', 'bench', 'scripts', 'test']

const top = process.argv[2] ?? '.'
const paths = FOLDERS.flatMap((folder) => sourcesBelow(folder))
const violations = paths.flatMap((path) => checkFile({ path, text: readFileSync(join(top, path), 'utf8') }))
for (const { file, line, message } of violations) console.error(`${file}:${line} ${message}`)
console.log(`floors: ${paths.length} files, ${violations.length} violations`)
if (violations.length > 0 || paths.length === 0) process.exitCode = 1

/** Paths from the top of the project, with forward slashes, in a stable order. */
function sourcesBelow(folder: string): string[] {
  const entries = readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
  return entries
    .filter((entry) => entry.endsWith('.ts'))
    .map((entry) => `${folder}/${entry.replaceAll('\\', '/')}`)
    .sort()
}
