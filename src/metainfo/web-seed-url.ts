/**
 * Where a web seed has a file (BEP 19). For a torrent of one file its URL is that of the file, or of the folder that
 * holds it when it ends in a slash; for a list of files, always that of the folder that holds the torrent's own.
 */

/** `webPath` as in MetainfoFile. Undefined when no URL can hold a name in it, such as `..`. */
export function webSeedUrl(base: string, webPath: readonly string[]): URL | undefined {
  if (webPath.length === 1 && !base.endsWith('/')) return new URL(base)
  if (webPath.some(isStep)) return undefined
  const folder = base.endsWith('/') ? base : `${base}/`
  return new URL(folder + webPath.map(encodeURIComponent).join('/'))
}

/** What a URL reads as a step between folders, however it is encoded. */
function isStep(name: string): boolean {
  return name === '' || name === '.' || name === '..'
}
