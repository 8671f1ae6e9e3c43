/** What `create` made, for people. */
import type { CreatedTorrent, RenamedFile } from '../client/create-torrent.js'
import { formatBytes } from '../core/units.js'
import { toPlainText } from './terminal-text.js'

/** Without the last line break. */
export function createdText(created: CreatedTorrent, path: string): string {
  const files = created.fileCount === 1 ? '1 file' : `${created.fileCount} files`
  const pieces = created.pieceCount === 1 ? '1 piece' : `${created.pieceCount} pieces`
  const size = `${formatBytes(created.totalBytes)} in ${files}`
  return [
    `Torrent    ${toPlainText(path)}`,
    `Data       ${size}, ${pieces} of ${formatBytes(created.pieceLength)}`,
    `Info hash  ${created.infoHash}`,
    `Magnet     ${created.magnet}`,
  ].join('\n')
}

/** Undefined when there is nothing to warn of. */
export function renamedText(renamed: readonly RenamedFile[]): string | undefined {
  const [first] = renamed
  if (first === undefined) return undefined
  const example = `${toPlainText(first.path)} becomes ${toPlainText(first.downloadedAs)}`
  if (renamed.length === 1) return `1 name is no good on every system: ${example} when it is downloaded`
  return `${renamed.length} names are no good on every system: ${example} when it is downloaded, and so on`
}
