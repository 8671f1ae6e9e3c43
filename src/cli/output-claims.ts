/**
 * Which source writes which path, when several sources share an output folder: two torrents in one file would
 * destroy each other's data without an error.
 */
import { OptionError } from '../core/errors.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { sourceText } from './source-text.js'

export class OutputClaims {
  /** By path below the output folder, in lower case: not every file system tells `A` from `a`. */
  readonly #sources = new Map<string, string>()

  /** Throws OptionError (DUPLICATE_OUTPUT) and claims nothing when an earlier source has one of the paths. */
  claim(source: string, { files }: Metainfo): void {
    const paths = files
      .filter((file) => !file.isPadding && !file.isSymlink)
      .map((file) => file.path.join('/'))
    for (const path of paths) this.#refuseTaken(path)
    for (const path of paths) this.#sources.set(path.toLowerCase(), source)
  }

  #refuseTaken(path: string): void {
    const taker = this.#sources.get(path.toLowerCase())
    if (taker === undefined) return
    throw new OptionError('DUPLICATE_OUTPUT', `${path} is already the output of ${sourceText(taker)}`)
  }
}
