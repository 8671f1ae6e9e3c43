/** Reads a regular file of bounded size, and nothing else: folders, pipes and devices are refused unread. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { LIMITS } from '../config.js'
import { MetainfoError, SourceError } from '../core/errors.js'

/** Rejects with a SourceError (`NOT_FOUND`, `UNREADABLE`), a MetainfoError (`TOO_LARGE`) or the signal's reason. */
export async function readTorrentFile(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const file = await openFile(path)
  try {
    signal?.throwIfAborted()
    requireRegularFile(await file.stat(), path)
    return await readBounded(file, path)
  } finally {
    await file.close()
  }
}

/** Not blocking, since opening a pipe would else wait for its other end. */
async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new SourceError('NOT_FOUND', `no such file: ${path}`, { cause: error })
    }
    throw unreadable(path, code ?? 'cannot be opened', error)
  }
}

function requireRegularFile(stats: Stats, path: string): void {
  if (stats.isFile()) return
  throw unreadable(path, stats.isDirectory() ? 'is a folder' : 'is not a regular file')
}

/** Trusts no stated size: files grow, and those of /proc claim to be empty. */
async function readBounded(file: FileHandle, path: string): Promise<Uint8Array> {
  const { size } = await file.stat()
  if (size > LIMITS.torrentFileBytes) throw tooLarge(path)
  let bytes = Buffer.allocUnsafe(size + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await readAt(file, bytes, length, path)
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
    if (length > LIMITS.torrentFileBytes) throw tooLarge(path)
    if (length === bytes.length) bytes = Buffer.concat([bytes], length + Math.max(length, GROWTH_BYTES))
  }
}

const GROWTH_BYTES = 65_536

async function readAt(
  file: FileHandle,
  bytes: Buffer,
  at: number,
  path: string,
): Promise<{ bytesRead: number }> {
  try {
    return await file.read(bytes, at, bytes.length - at)
  } catch (error) {
    throw unreadable(path, (error as NodeJS.ErrnoException).code ?? 'cannot be read', error)
  }
}

function unreadable(path: string, why: string, cause?: unknown): SourceError {
  return new SourceError('UNREADABLE', `cannot read ${path}: ${why}`, { cause })
}

function tooLarge(path: string): MetainfoError {
  return new MetainfoError('TOO_LARGE', `${path} is larger than ${LIMITS.torrentFileBytes} bytes`)
}
