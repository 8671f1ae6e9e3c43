/** Turns what the operating system says about a file into a `StorageError` with a stable code. */
import { StorageError, type StorageFault } from '../core/errors.js'

/** An errno with its text, whether it was thrown here or came as a value from a worker. */
interface SystemTrouble {
  readonly code?: string | undefined
  readonly message: string
}

/** Leaves a `StorageError` as it is; anything else gets the fault that fits its errno, or `IO_ERROR`. */
export function storageError(trouble: unknown, path: string): StorageError {
  if (trouble instanceof StorageError) return trouble
  const { code, message } = asTrouble(trouble)
  const fault = (code === undefined ? undefined : FAULTS[code]) ?? 'IO_ERROR'
  const options = trouble instanceof Error ? { cause: trouble } : undefined
  return new StorageError(fault, `${shortened(path)}: ${EXPLANATIONS[fault] ?? message}`, path, options)
}

/** True when the error says that there is nothing at the path. */
export function isAbsent(error: unknown): boolean {
  const { code } = asTrouble(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function asTrouble(trouble: unknown): SystemTrouble {
  return typeof trouble === 'object' && trouble !== null && 'message' in trouble
    ? (trouble as SystemTrouble)
    : { message: String(trouble) }
}

/** Both ends of it: a hostile torrent's may take pages. */
function shortened(path: string): string {
  return path.length <= MOST_SHOWN ? path : `${path.slice(0, MOST_SHOWN / 2)}…${path.slice(-MOST_SHOWN / 2)}`
}

const MOST_SHOWN = 400

const FAULTS: Readonly<Record<string, StorageFault>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'DISK_FULL',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  EROFS: 'READ_ONLY',
  EMFILE: 'TOO_MANY_FILES',
  ENFILE: 'TOO_MANY_FILES',
  ELOOP: 'UNSAFE_PATH',
  EEXIST: 'NOT_A_FILE',
  EISDIR: 'NOT_A_FILE',
  ENOTDIR: 'NOT_A_FILE',
  ENXIO: 'NOT_A_FILE',
  ENAMETOOLONG: 'BAD_NAME',
}

const EXPLANATIONS: Readonly<Partial<Record<StorageFault, string>>> = {
  DISK_FULL: 'the disk is full, or a quota or the largest file size is reached',
  PERMISSION_DENIED: 'permission denied',
  READ_ONLY: 'the file system is read-only',
  TOO_MANY_FILES: 'too many open files',
  UNSAFE_PATH: 'a symlink is in the way',
  NOT_A_FILE: 'something other than a regular file is in the way',
  BAD_NAME: 'the path is longer than the system allows',
}
