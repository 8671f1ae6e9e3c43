/**
 * Gives every file a path of its own. File systems may take `A` and `a`, or two spellings of `é`, for one name,
 * and none can hold a file and a folder of one name; so a file whose place is taken gets a number.
 *
 * Deterministic: the same paths always give the same result. A path that is right as it stands stays, even when
 * an earlier file needed a number. Each number of a name is tried once, so the work grows with the number of
 * files and not with its square.
 */
import { LIMITS } from '../config.js'
import { cutText, splitName } from './fit-name.js'

export type CleanPath = readonly string[]

export function distinctPaths(paths: readonly CleanPath[]): CleanPath[] {
  const places = new Places()
  const folders = paths.map((path) => places.folder(path.slice(0, -1)))
  const isFirst = paths.map((path, i) => places.claim(folders[i]!, path.at(-1)!))
  return paths.map((path, i) =>
    isFirst[i] ? path : [...path.slice(0, -1), places.claimNumbered(folders[i]!, path.at(-1)!)],
  )
}

/**
 * Which names are taken in which folder. Folders are numbers, so that a place costs one short key however deep
 * it lies. They are all there before any file claims its place: a file can be renamed without moving others.
 */
class Places {
  /** From `folder/name` to the number of the folder, or of no further use for a file. */
  readonly #taken = new Map<string, number>()
  /** From `folder/name` to the last number that was tried for the name. */
  readonly #numbers = new Map<string, number>()

  folder(path: CleanPath): number {
    let folder = 0
    for (const name of path) folder = this.#take(placeKey(folder, name))
    return folder
  }

  /** True when the place was free. */
  claim(folder: number, name: string): boolean {
    const key = placeKey(folder, name)
    if (this.#taken.has(key)) return false
    this.#take(key)
    return true
  }

  /** The name with the first number that is free. */
  claimNumbered(folder: number, name: string): string {
    const { stem, extension } = splitName(name)
    const cutStem = cutText(stem, LIMITS.nameBytes - Buffer.byteLength(extension) - NUMBER_BYTES)
    const key = placeKey(folder, cutStem + extension)
    for (let number = (this.#numbers.get(key) ?? 0) + 1; ; number++) {
      const candidate = `${cutStem} (${number})${extension}`
      if (!this.claim(folder, candidate)) continue
      this.#numbers.set(key, number)
      return candidate
    }
  }

  #take(key: string): number {
    const known = this.#taken.get(key)
    if (known !== undefined) return known
    const place = this.#taken.size + 1
    this.#taken.set(key, place)
    return place
  }
}

function placeKey(folder: number, name: string): string {
  return `${folder}/${ASCII.test(name) ? name.toLowerCase() : foldCase(name)}`
}

/** Upper case first, because some letters have two lower cases and some are folded to two letters. */
function foldCase(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
const ASCII = /^[\x00-\x7f]*$/
/** Room for ` (10000000)`. */
const NUMBER_BYTES = 11
