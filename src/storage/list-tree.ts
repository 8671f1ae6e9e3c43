/**
 * Finds the files of a payload that is to be shared, in the order in which they will lie in the byte space.
 *
 * Hidden and empty files belong to it; symlinks stand for what they lead to, wherever that is; empty folders
 * leave no trace. Whatever cannot be shared is an error unless it is excluded: nothing is left out in silence.
 */
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../config.js'
import { StorageError } from '../core/errors.js'
import { isAbsent, storageError } from './disk-errors.js'
import { eachLimited } from './each-limited.js'
import type { PiecePool } from './piece-pool.js'
import type { FolderEntry } from './piece-tasks.js'

/** A file as it was when it was listed. */
export interface ListedFile {
  /** Components below the folder; empty when the payload is this single file. */
  readonly path: readonly string[]
  /** Where it is on disk. */
  readonly location: string
  /** In bytes. */
  readonly length: number
  /** When it was last written, in milliseconds since 1970. */
  readonly modifiedMs: number
}

export interface ListedTree {
  readonly isFolder: boolean
  /** By the bytes of their paths, the separator counted as any other character: the order of mktorrent. */
  readonly files: readonly ListedFile[]
}

export interface ListOptions {
  readonly pool: PiecePool
  /** Asked for files and folders, by their components below the top; with a folder goes what is in it. */
  readonly isExcluded: (path: readonly string[]) => boolean
  /** Called between folders. */
  readonly throwIfStopped: () => void
}

/** Throws `StorageError`. */
export async function listTree(top: string, options: ListOptions): Promise<ListedTree> {
  const stats = await statOf(top)
  if (stats.isFile()) {
    return {
      isFolder: false,
      files: [{ path: [], location: top, length: stats.size, modifiedMs: stats.mtimeMs }],
    }
  }
  const files: ListedFile[] = []
  let level: Folder[] = [{ path: [], location: top, parent: undefined }]
  while (level.length > 0) {
    const below: Folder[] = []
    await eachLimited(level, options.pool.threadCount * TASKS_PER_THREAD, async (folder) => {
      options.throwIfStopped()
      await listInto({ files, below }, folder, options)
    })
    level = below
  }
  return { isFolder: true, files: inByteOrder(files) }
}

/** One more than a thread has at work, so that it never waits for the next. */
const TASKS_PER_THREAD = 2

interface Folder {
  readonly path: readonly string[]
  readonly location: string
  /** The folder above it; none for the top. */
  readonly parent: InspectedFolder | undefined
}

/** A folder that has been looked into. */
interface InspectedFolder extends Folder {
  readonly identity: string
}

async function statOf(top: string): Promise<Stats> {
  try {
    const stats = await stat(top)
    if (stats.isFile() || stats.isDirectory()) return stats
  } catch (error) {
    if (isAbsent(error)) throw new StorageError('NOT_FOUND', `${top}: no such file or folder`, top)
    throw storageError(error, top)
  }
  throw new StorageError('NOT_A_FILE', `${top}: neither a file nor a folder`, top)
}

async function listInto(
  found: { readonly files: ListedFile[]; readonly below: Folder[] },
  folder: Folder,
  { pool, isExcluded }: ListOptions,
): Promise<void> {
  const { identity, entries, failure } = await pool.run('listFolder', { path: folder.location })
  if (failure !== undefined) throw storageError(failure, folder.location)
  const inspected = { ...folder, identity }
  refuseLoop(inspected)
  for (const entry of entries) {
    const path = [...folder.path, entry.name]
    if (isExcluded(path)) continue
    const location = join(folder.location, entry.name)
    refuseUnsharable(entry, { path, location })
    if (entry.kind === 'folder') found.below.push({ path, location, parent: inspected })
    else found.files.push({ path, location, length: entry.length, modifiedMs: entry.modifiedMs })
  }
}

/** Symlinks can lead to a folder above. */
function refuseLoop(folder: InspectedFolder): void {
  for (let above = folder.parent; above !== undefined; above = above.parent) {
    if (above.identity !== folder.identity) continue
    const { location } = folder
    throw new StorageError('UNSAFE_PATH', `${location}: a symlink leads to a folder above it`, location)
  }
}

interface Place {
  readonly path: readonly string[]
  readonly location: string
}

function refuseUnsharable(entry: FolderEntry, { path, location }: Place): void {
  if (!entry.isText) {
    throw new StorageError(
      'BAD_NAME',
      `${location}: the name is not UTF-8, as names in a torrent are`,
      location,
    )
  }
  if (path.length >= LIMITS.pathDepth) {
    throw new StorageError('UNSAFE_PATH', `${location}: nested too deeply for a torrent`, location)
  }
  if (entry.failure !== undefined) {
    if (!isAbsent(entry.failure)) throw storageError(entry.failure, location)
    throw new StorageError('NOT_FOUND', `${location}: a symlink leads to nothing`, location)
  }
  if (entry.kind === 'other') {
    throw new StorageError('NOT_A_FILE', `${location}: neither a file nor a folder`, location)
  }
}

function inByteOrder(files: readonly ListedFile[]): ListedFile[] {
  return files
    .map((file) => ({ file, key: Buffer.from(file.path.join('/')) }))
    .sort((a, b) => a.key.compare(b.key))
    .map(({ file }) => file)
}
