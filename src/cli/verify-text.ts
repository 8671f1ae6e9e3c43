/** What `verify` found, for people. */
import type { VerifyReport } from '../client/verify-torrent.js'
import { formatBytes } from '../core/units.js'
import { toPlainText } from './terminal-text.js'

export function isComplete(report: VerifyReport): boolean {
  return report.verifiedBytes === report.totalBytes
}

/** One line when all is well; else one line for each file that is not. Without the last line break. */
export function verifyText(report: VerifyReport): string {
  const name = toPlainText(report.name)
  if (isComplete(report)) return `${name}: complete, ${formatBytes(report.totalBytes)} verified`
  const lines = report.files
    .filter((file) => file.verifiedBytes < file.length)
    .map((file) => {
      const size = formatBytes(file.length)
      return `  ${toPlainText(file.path)}: ${formatBytes(file.verifiedBytes)} of ${size} verified`
    })
  return [`${name}: incomplete files`, ...lines].join('\n')
}

/** `12 of 400 pieces (12 MiB of 400 MiB) are missing or corrupt` */
export function verifyFailureText(report: VerifyReport): string {
  const pieces = `${report.pieceCount - report.verifiedPieces} of ${report.pieceCount} pieces`
  const bytes = `${formatBytes(report.totalBytes - report.verifiedBytes)} of ${formatBytes(report.totalBytes)}`
  return `${pieces} (${bytes}) are missing or corrupt`
}
