/** Where a torrent's data lies, by the path that somebody gives for it. */
import { lstat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { VerifyError } from '../core/errors.js'
import type { Metainfo } from '../metainfo/metainfo.js'

/**
 * The folder that holds the file or folder which the torrent names. The path is that folder; when no such name
 * is in it, the path may be the named file or folder itself. Rejects with VerifyError (INCOMPLETE) when it is
 * neither.
 */
export async function findDataFolder(path: string, metainfo: Metainfo): Promise<string> {
  const top = metainfo.files[0]!.path[0]!
  const place = resolve(path)
  if (await exists(join(place, top))) return place
  if (basename(place) === top && (await exists(place))) return dirname(place)
  throw new VerifyError('INCOMPLETE', `${path} neither holds ${top} nor is it`)
}

/** Whatever else is wrong with it, those who open it will say better. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
  }
}
