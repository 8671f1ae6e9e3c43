/**
 * Turns the names of a .torrent into path components that stay inside the output folder on any system.
 */
import { LIMITS } from '../config.js'
import { MetainfoError } from '../core/errors.js'
import { cleanName } from './clean-name.js'

/** What a file is called when nothing of its path is left. */
const NAMELESS = '_'

/**
 * At least one component, each a harmless name; those of which nothing is left, such as `..`, are skipped.
 * Throws MetainfoError `BAD_FILES` for a path deeper than any real one.
 */
export function cleanPath(components: readonly string[]): string[] {
  if (components.length > LIMITS.pathDepth) {
    throw new MetainfoError('BAD_FILES', `a path has ${components.length} components`)
  }
  const path: string[] = []
  for (const component of components) {
    const name = cleanName(component)
    if (name !== undefined) path.push(name)
  }
  return path.length > 0 ? path : [NAMELESS]
}
