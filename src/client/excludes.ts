/**
 * Whether a file or folder is excluded, by its components below the shared folder. A glob without a slash is
 * compared with the last component, one with slashes with the whole path; a slash at the end counts for nothing.
 */
export async function excludes(globs: readonly string[]): Promise<(path: readonly string[]) => boolean> {
  if (globs.length === 0) return () => false
  const { default: picomatch } = await import('picomatch')
  const matchers = globs.map((text) => {
    const glob = text.replace(/\/+$/, '')
    return { isForNames: !glob.includes('/'), matches: picomatch(glob, { dot: true }) }
  })
  return (path) =>
    matchers.some(({ isForNames, matches }) => matches(isForNames ? path.at(-1)! : path.join('/')))
}
