/**
 * Which pieces of a record may be believed, by what the files look like now. Pure.
 *
 * A file that nobody has written to since is taken at its word. After a crash, files that were still being
 * written to have a later time than the record says, by our own hand: such a file is trusted as well, for the
 * pieces of the record, because later writes only bring other pieces. It has to be the same file, not shorter,
 * with pieces still missing at the save, and written to between the save and the last sign of life of the run
 * that saved it. Whatever else changed is to be read again, and nothing beside it.
 *
 * Other files' parts of a piece at the edge of the selection do not count: a piece is had when all its
 * selected bytes are right.
 */
import { Bitfield } from '../core/bitfield.js'
import type { FileMap } from './file-map.js'
import { type FileStamp, isUntouched, mayHaveGrown } from './file-stamp.js'
import type { ResumeRecord } from './resume-record.js'
import { RESUME_SAVE_MS } from './resume-save-ms.js'

/** What came out of it. */
export interface Trust {
  readonly have: Bitfield
  readonly toCheck: Bitfield
  /** The files that are trusted, as they are now, by their place in the metainfo. */
  readonly trusted: ReadonlyMap<number, FileStamp>
}

export interface Evidence {
  readonly record: ResumeRecord
  /** The run that saved the record was alive then, by the clock of the file system, in nanoseconds since 1970. */
  readonly aliveAtNs: bigint
  /** The selected files that hold bytes, as they are now. */
  readonly stamps: ReadonlyMap<number, FileStamp>
}

export function judgeResume(map: FileMap, evidence: Evidence): Trust {
  const { geometry } = map.metainfo
  const have = new Bitfield(geometry.pieceCount)
  const toCheck = new Bitfield(geometry.pieceCount)
  const trusted = new Map<number, FileStamp>()
  for (const [fileIndex, now] of evidence.stamps) {
    if (isTrusted(map, fileIndex, now, evidence)) trusted.set(fileIndex, now)
    else for (const index of piecesOf(map, fileIndex)) toCheck.set(index)
  }
  for (const fileIndex of trusted.keys()) {
    for (const index of piecesOf(map, fileIndex)) {
      if (evidence.record.have.has(index) && !toCheck.has(index)) have.set(index)
    }
  }
  return { have, toCheck, trusted }
}

/**
 * A sign of life comes with each save, and with a write when the last is older than the time between saves; a
 * write may then wait for the disk for as long again.
 */
const SILENCE_NS = BigInt(2 * RESUME_SAVE_MS) * 1_000_000n

function isTrusted(map: FileMap, fileIndex: number, now: FileStamp, evidence: Evidence): boolean {
  const { record, aliveAtNs } = evidence
  const before = record.stamps.get(fileIndex)
  if (before === undefined || isTooShort(map, fileIndex, now, record.have)) return false
  if (isUntouched(before, now)) return true
  const mayBeOurs = now.mtimeNs >= record.savedAtNs && now.mtimeNs <= aliveAtNs + SILENCE_NS
  if (record.isClean || !mayBeOurs || !mayHaveGrown(before, now)) return false
  return piecesOf(map, fileIndex).some((index) => !record.have.has(index))
}

/** The file ends before a piece that it is said to hold. */
function isTooShort(map: FileMap, fileIndex: number, now: FileStamp, have: Bitfield): boolean {
  const { offset, length } = map.metainfo.files[fileIndex]!
  const last = piecesOf(map, fileIndex).findLast((index) => have.has(index))
  if (last === undefined) return false
  const endOfPiece = (last + 1) * map.metainfo.geometry.pieceLength
  return now.size < Math.min(length, endOfPiece - offset)
}

function piecesOf(map: FileMap, fileIndex: number): number[] {
  const { first, end } = map.metainfo.geometry.piecesOfFile(fileIndex)
  return Array.from({ length: end - first }, (_, nth) => first + nth)
}
