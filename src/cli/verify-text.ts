/** What `verify` found, for people. */
import type { VerifiedFile, VerifyReport } from '../client/verify-torrent.js'
import { formatBytes } from '../core/units.js'
import { toPlainText } from './terminal-text.js'

/** One line when all is well; else one line for each file that is not. Without the last line break. */
export function verifyText(report: VerifyReport): string {
  const name = toPlainText(report.name)
  if (report.complete) return `${name}: complete, ${formatBytes(report.totalBytes)} verified`
  const lines = report.files.flatMap((file) => {
    const trouble = troubleOf(file)
    return trouble === undefined ? [] : [`  ${toPlainText(file.path)}: ${trouble}`]
  })
  return [`${name}: incomplete files`, ...lines].join('\n')
}

/** Undefined for a file that is as it should be. */
function troubleOf({ length, verifiedBytes, lengthOnDisk }: VerifiedFile): string | undefined {
  if (verifiedBytes < length) return `${formatBytes(verifiedBytes)} of ${formatBytes(length)} verified`
  if (lengthOnDisk === null) return 'missing'
  return lengthOnDisk > length ? `${formatBytes(lengthOnDisk - length)} too long` : undefined
}

/** `12 of 400 pieces (12 MiB of 400 MiB) are missing or corrupt`, or what no piece tells of. */
export function verifyFailureText(report: VerifyReport): string {
  if (report.verifiedBytes === report.totalBytes) {
    const count = report.files.filter((file) => troubleOf(file) !== undefined).length
    return `${count} of ${report.files.length} files are missing or too long`
  }
  const pieces = `${report.pieceCount - report.verifiedPieces} of ${report.pieceCount} pieces`
  const bytes = `${formatBytes(report.totalBytes - report.verifiedBytes)} of ${formatBytes(report.totalBytes)}`
  return `${pieces} (${bytes}) are missing or corrupt`
}
