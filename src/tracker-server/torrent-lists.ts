/**
 * Which torrents are served: with a list of allowed ones those and what is in the catalogue, without one
 * all; and never one that is denied. Lists are replaced whole while the tracker runs.
 */
import { OptionError } from '../core/errors.js'
import type { TorrentPolicy } from './announce-desk.js'

/** Info hashes as 40 lower-case hex digits. */
export type InfoHashSet = ReadonlySet<string>

export class TorrentLists implements TorrentPolicy {
  /** Undefined: there is no such list. */
  allowed: InfoHashSet | undefined = undefined
  denied: InfoHashSet | undefined = undefined
  readonly #isCatalogued: (infoHashHex: string) => boolean

  constructor(isCatalogued: (infoHashHex: string) => boolean) {
    this.#isCatalogued = isCatalogued
  }

  permits(infoHash: Uint8Array): boolean {
    if (this.allowed === undefined && this.denied === undefined) return true
    const hex = Buffer.from(infoHash.buffer, infoHash.byteOffset, infoHash.byteLength).toString('hex')
    if (this.denied?.has(hex)) return false
    return this.allowed === undefined || this.allowed.has(hex) || this.#isCatalogued(hex)
  }
}

/**
 * One info hash of 40 hex digits a line; what follows `#` is a comment. Throws OptionError `BAD_OPTION`
 * with the line: half a list would serve or refuse the wrong torrents.
 */
export function parseInfoHashes(text: string): InfoHashSet {
  const infoHashes = new Set<string>()
  for (const [at, line] of text.split('\n').entries()) {
    const entry = line.split('#', 1)[0]!.trim().toLowerCase()
    if (entry === '') continue
    if (!/^[0-9a-f]{40}$/.test(entry)) {
      throw new OptionError('BAD_OPTION', `line ${at + 1} is not an info hash of 40 hex digits`)
    }
    infoHashes.add(entry)
  }
  return infoHashes
}
