/** Where `create` writes: found out, and found possible, before hours are spent on hashing. */
import { constants } from 'node:fs'
import { access, lstat } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { OptionError, StorageError } from '../core/errors.js'
import { isAbsent, storageError } from '../storage/disk-errors.js'

export interface OutputChoice {
  readonly output: string
  readonly force: boolean
}

/** The absolute path of the .torrent. Rejects with an OptionError or a StorageError. */
export async function chooseOutput(payload: string, { output, force }: OutputChoice): Promise<string> {
  const [top, target] = [resolve(payload), resolve(output)]
  if (target === top || target.startsWith(top.endsWith(sep) ? top : top + sep)) {
    const detail = `--output ${output} would be part of what is shared: choose a place outside of it`
    throw new OptionError('BAD_OPTION', detail)
  }
  const there = await lstat(target).catch(() => undefined)
  if (there?.isDirectory()) throw new StorageError('NOT_A_FILE', `${target}: a folder is in the way`, target)
  if (there !== undefined && !force) throw outputExists(target)
  const folder = dirname(target)
  await access(folder, constants.W_OK | constants.X_OK).catch((error) => {
    if (isAbsent(error)) throw new StorageError('NOT_FOUND', `${folder}: no such folder`, folder)
    throw storageError(error, folder)
  })
  return target
}

export function outputExists(target: string): OptionError {
  return new OptionError('OUTPUT_EXISTS', `${target} is there already; --force replaces it`)
}
