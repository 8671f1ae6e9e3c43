/** A .torrent for people: pure, and safe to print whatever its maker wrote into it. */
import { formatBytes } from '../core/units.js'
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js'
import { toPlainText } from './terminal-text.js'

/** Several lines, without the last line break. */
export function metainfoText(metainfo: Metainfo): string {
  const files = metainfo.files.filter((file) => !file.isPadding && !file.isSymlink)
  return [
    field('Name', metainfo.name),
    field('Info hash', metainfo.infoHash.hex),
    field('Size', sizeText(files)),
    field('Pieces', `${metainfo.geometry.pieceCount} of ${formatBytes(metainfo.geometry.pieceLength)}`),
    field('Private', metainfo.isPrivate ? 'yes' : 'no'),
    ...optionalField('Created', creationText(metainfo)),
    ...optionalField('Comment', metainfo.comment),
    ...metainfo.trackers.map((tier, at) =>
      field(at === 0 ? 'Trackers' : '', `${at + 1}  ${tier.join('  ')}`),
    ),
    ...metainfo.webSeeds.map((url, at) => field(at === 0 ? 'Web seeds' : '', url)),
    ...metainfo.httpSeeds.map((url, at) => field(at === 0 ? 'HTTP seeds' : '', url)),
    'Files',
    ...fileLines(files),
  ].join('\n')
}

const LABEL_WIDTH = 11

function field(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${toPlainText(text)}`
}

function optionalField(label: string, text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [field(label, text)]
}

function sizeText(files: readonly MetainfoFile[]): string {
  const bytes = files.reduce((sum, file) => sum + file.length, 0)
  return `${formatBytes(bytes)} (${bytes} bytes) in ${files.length === 1 ? '1 file' : `${files.length} files`}`
}

function creationText(metainfo: Metainfo): string | undefined {
  const by = metainfo.createdBy === undefined ? '' : `by ${metainfo.createdBy}`
  const date = new Date((metainfo.createdAtSeconds ?? Number.NaN) * 1000)
  if (Number.isNaN(date.getTime())) return by
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC ${by}`.trim()
}

/** The number that `--select` takes, the size, the path. */
function fileLines(files: readonly MetainfoFile[]): string[] {
  const numberWidth = String(files.length - 1).length
  return files.map((file, at) => {
    const number = String(at).padStart(numberWidth)
    return `  ${number}  ${formatBytes(file.length).padStart(SIZE_WIDTH)}  ${toPlainText(file.path.join('/'))}`
  })
}

const SIZE_WIDTH = '1023 KiB'.length
