import { isUtf8 } from 'node:buffer'
import { accessSync, constants, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderEntry, ListAnswer, ListTask } from '../src/storage/piece-tasks.js'
import { diskFailure } from './answers.js'

/** What is in a folder, symlinks followed, in no particular order. What cannot be read says so itself. */
export function listFolder({ path }: ListTask): ListAnswer {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    const entries = readdirSync(path, { encoding: 'buffer' }).map((name) => describe(path, name))
    return { identity: `${dev}:${ino}`, entries, failure: undefined }
  } catch (error) {
    return { identity: '', entries: [], failure: diskFailure(error, 0) }
  }
}

function describe(folder: string, rawName: Buffer): FolderEntry {
  const name = rawName.toString()
  const basics = { name, isText: isUtf8(rawName), length: 0, modifiedMs: 0, failure: undefined }
  try {
    const path = join(folder, name)
    const stats = statSync(path)
    const kind = kindOf(stats)
    if (kind === 'file') accessSync(path, constants.R_OK)
    return { ...basics, kind, length: stats.size, modifiedMs: stats.mtimeMs }
  } catch (error) {
    return { ...basics, kind: 'other', failure: diskFailure(error, 0) }
  }
}

function kindOf(stats: Stats): FolderEntry['kind'] {
  if (stats.isFile()) return 'file'
  return stats.isDirectory() ? 'folder' : 'other'
}
