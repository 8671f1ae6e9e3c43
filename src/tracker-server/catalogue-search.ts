/**
 * Finds torrents by the names of their files, as people remember them: words in any order, whatever their
 * case.
 */
import type { CatalogueEntry } from './catalogue-entry.js'

export interface Match {
  readonly entry: CatalogueEntry
  /** Some of the files that the words are in. */
  readonly files: readonly string[]
}

export const MAX_MATCHES = 100
const MAX_FILES_SHOWN = 10
const MAX_WORDS = 8

/** Every word must be in the name, the title, or the path of one and the same file. No words: everything. */
export function searchCatalogue(entries: Iterable<CatalogueEntry>, query: string): Match[] {
  const words = query.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS)
  const matches: Match[] = []
  for (const entry of entries) {
    if (!hasAll(entry.searched, words)) continue
    const files = entry.paths.filter((path) => hasAll(path.toLowerCase(), words))
    if (files.length === 0 && !entry.searched.split('\n', 2).some((line) => hasAll(line, words))) continue
    matches.push({ entry, files: files.slice(0, MAX_FILES_SHOWN) })
    if (matches.length === MAX_MATCHES) break
  }
  return matches
}

function hasAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word))
}
