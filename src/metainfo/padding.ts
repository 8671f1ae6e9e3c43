/**
 * Padding files fill the byte space so that the next file begins with a piece (BEP 47). Those that carry no
 * attribute are known by their names. The patterns are narrow, because what counts as padding is never written.
 */

/** Where padding that names no path belongs. */
export function paddingPath(length: number): string[] {
  return [PADDING_FOLDER, String(length)]
}

/** `.pad/123`, or the name that BitComet gives. The path begins below the torrent's name. */
export function isPaddingPath(path: readonly string[]): boolean {
  if (path.length === 2 && path[0] === PADDING_FOLDER) return /^\d+$/.test(path[1]!)
  return path.at(-1)!.startsWith('_____padding_file_')
}

const PADDING_FOLDER = '.pad'
