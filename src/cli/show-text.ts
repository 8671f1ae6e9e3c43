/** A .torrent for people: pure, and safe to print whatever its maker wrote into it. */
import { formatBytes } from '../core/units.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { toPlainText } from './terminal-text.js'

/** Several lines, without the last line break. */
export function metainfoText(metainfo: Metainfo): string {
  return [
    field('Name', metainfo.name),
    field('Info hash', metainfo.infoHash.hex),
    field('Size', sizeText(metainfo)),
    field('Pieces', `${metainfo.geometry.pieceCount} of ${formatBytes(metainfo.geometry.pieceLength)}`),
    field('Private', metainfo.isPrivate ? 'yes' : 'no'),
    ...optionalField('Created', creationText(metainfo)),
    ...optionalField('Comment', metainfo.comment),
    ...metainfo.trackers.map((tier, at) =>
      field(at === 0 ? 'Trackers' : '', `${at + 1}  ${tier.join('  ')}`),
    ),
    ...metainfo.webSeeds.map((url, at) => field(at === 0 ? 'Web seeds' : '', url)),
    'Files',
    ...fileLines(metainfo),
  ].join('\n')
}

const LABEL_WIDTH = 11

function field(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${toPlainText(text)}`
}

function optionalField(label: string, text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [field(label, text)]
}

function sizeText(metainfo: Metainfo): string {
  const files = metainfo.files.filter((file) => !file.isPadding)
  const bytes = files.reduce((sum, file) => sum + file.length, 0)
  return `${formatBytes(bytes)} (${bytes} bytes) in ${files.length === 1 ? '1 file' : `${files.length} files`}`
}

function creationText(metainfo: Metainfo): string | undefined {
  const by = metainfo.createdBy === undefined ? '' : `by ${metainfo.createdBy}`
  const date = new Date((metainfo.createdAtSeconds ?? Number.NaN) * 1000)
  if (Number.isNaN(date.getTime())) return by
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC ${by}`.trim()
}

/** The number that `--select` takes, the size, the path. Padding is counted and not shown. */
function fileLines(metainfo: Metainfo): string[] {
  const numberWidth = String(metainfo.files.length - 1).length
  return metainfo.files.flatMap((file, number) => {
    if (file.isPadding) return []
    const size = file.isSymlink ? 'symlink' : formatBytes(file.length)
    const path = toPlainText(file.path.join('/'))
    return [`  ${String(number).padStart(numberWidth)}  ${size.padStart(SIZE_WIDTH)}  ${path}`]
  })
}

const SIZE_WIDTH = '1023 KiB'.length
