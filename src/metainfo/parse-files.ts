/**
 * The files that an info dict describes (BEP 3, BEP 47): where each lies in the byte space and in the output
 * folder. Hybrid torrents (BEP 52) are read by their v1 side.
 */
import { LIMITS } from '../config.js'
import { asBytes, asDict, bytesField, integerField, listField } from '../core/bencode/bencode-fields.js'
import type { BencodeDict, BencodeValue } from '../core/bencode/bencode-value.js'
import { MetainfoError } from '../core/errors.js'
import { cleanPath } from './clean-path.js'
import type { TextDecode } from './decode-text.js'
import { distinctPaths } from './distinct-paths.js'
import type { MetainfoFile } from './metainfo.js'
import { isPaddingPath, paddingPath } from './padding.js'

/** The files in the order of the metainfo. Throws MetainfoError `BAD_FILES`. */
export function parseFiles(info: BencodeDict, name: TorrentName, decodeText: TextDecode): MetainfoFile[] {
  const drafts = info.has('files') ? draftFiles(info, name, decodeText) : [draftSingleFile(info, name)]
  return placeFiles(drafts)
}

/** The name of the torrent, as the metainfo has it and cleaned. */
export interface TorrentName {
  readonly raw: string
  readonly clean: string
}

type Draft = Omit<MetainfoFile, 'offset'>

function draftSingleFile(info: BencodeDict, name: TorrentName): Draft {
  const attributes = parseAttributes(info)
  return {
    path: [name.clean],
    webPath: [name.raw],
    length: parseLength(info, attributes),
    ...attributes,
  }
}

function draftFiles(info: BencodeDict, name: TorrentName, decodeText: TextDecode): Draft[] {
  const entries = listField(info, 'files')
  if (entries === undefined) throw new MetainfoError('BAD_FILES', 'files is not a list')
  if (entries.length === 0) throw new MetainfoError('BAD_FILES', 'the list of files is empty')
  return entries.map((entry) => {
    const dict = asDict(entry)
    if (dict === undefined) throw new MetainfoError('BAD_FILES', 'a file is not a dictionary')
    return draftFile(dict, name, decodeText)
  })
}

function draftFile(entry: BencodeDict, name: TorrentName, decodeText: TextDecode): Draft {
  const attributes = parseAttributes(entry)
  const length = parseLength(entry, attributes)
  const components = pathComponents(entry, decodeText)
  if (components === undefined && !attributes.isPadding) {
    throw new MetainfoError('BAD_FILES', 'a file has no path')
  }
  const path = components === undefined ? paddingPath(length) : cleanPath(components)
  return {
    path: [name.clean, ...path],
    webPath: [name.raw, ...(components ?? path)],
    length,
    ...attributes,
    isPadding: attributes.isPadding || isPaddingPath(path),
  }
}

/** BEP 47: one letter per attribute. */
function parseAttributes(entry: BencodeDict): Pick<Draft, 'isPadding' | 'isExecutable' | 'isSymlink'> {
  const letters = bytesField(entry, 'attr')?.toString('latin1') ?? ''
  const isSymlink = letters.includes('l')
  if (isSymlink) expectSymlinkTarget(entry)
  return { isPadding: letters.includes('p'), isExecutable: letters.includes('x'), isSymlink }
}

/** A symlink is never followed, but one whose target is no path shows that its maker was broken or hostile. */
function expectSymlinkTarget(entry: BencodeDict): void {
  const target = listField(entry, 'symlink path')
  if (target?.every(Buffer.isBuffer) === false) {
    throw new MetainfoError('BAD_FILES', 'the target of a symlink is not a path')
  }
}

/** In bytes. A symlink takes no room in the byte space, whatever length it claims. */
function parseLength(entry: BencodeDict, { isSymlink }: { readonly isSymlink: boolean }): number {
  if (isSymlink) return 0
  const length = integerField(entry, 'length')
  if (length === undefined) throw new MetainfoError('BAD_FILES', 'a file has no valid length')
  if (length < 0) throw new MetainfoError('BAD_FILES', 'a file has a negative length')
  return length
}

/** Undefined when the entry has no path, or one without components. */
function pathComponents(entry: BencodeDict, decodeText: TextDecode): string[] | undefined {
  const path = listField(entry, 'path.utf-8') ?? listField(entry, 'path')
  if (path === undefined || path.length === 0) return undefined
  if (path.length > LIMITS.pathDepth) {
    throw new MetainfoError('BAD_FILES', `a path has more than ${LIMITS.pathDepth} components`)
  }
  return path.map((component) => decodeComponent(component, decodeText))
}

function decodeComponent(component: BencodeValue, decodeText: TextDecode): string {
  const bytes = asBytes(component)
  if (bytes === undefined) throw new MetainfoError('BAD_FILES', 'a path has a component that is not text')
  return decodeText(bytes)
}

/** Lays the files end to end, and gives each that will be written a path of its own. */
function placeFiles(drafts: readonly Draft[]): MetainfoFile[] {
  const written = drafts.filter((draft) => !draft.isPadding && !draft.isSymlink)
  const paths = distinctPaths(written.map((draft) => draft.path)).values()
  let offset = 0
  return drafts.map((draft) => {
    const isWritten = !draft.isPadding && !draft.isSymlink
    const path = isWritten ? paths.next().value! : draft.path
    const file = { ...draft, path, webPath: isSame(path, draft.webPath) ? path : draft.webPath, offset }
    offset += draft.length
    if (offset > Number.MAX_SAFE_INTEGER) throw new MetainfoError('BAD_FILES', 'the files are too large')
    return file
  })
}

/** A torrent of many files keeps most of their paths once. */
function isSame(path: readonly string[], other: readonly string[]): boolean {
  return path.length === other.length && path.every((name, at) => name === other[at])
}
