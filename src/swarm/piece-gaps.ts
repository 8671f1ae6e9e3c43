/** Finds a place for somebody who fetches many neighbouring pieces in one go. */

export interface GapSearch {
  readonly pieceCount: number
  /** The piece can be picked. */
  isFree(index: number): boolean
  /** Somebody else will go on with this piece: the gap that begins there is half its own. */
  isAhead(index: number): boolean
  /** Runs begin at multiples of so many pieces. */
  readonly group: number
  /** A gap of so many pieces is as good as a longer one. */
  readonly enough: number
}

/** A torrent of millions of pieces is not searched for the best place, once there is any. */
const MOST_LOOKS = 100_000

interface Gap {
  readonly first: number
  readonly count: number
  readonly isShared: boolean
}

/** Where to begin: at the start of the longest gap, or in its middle when it is shared. */
export function findGap(search: GapSearch): number | undefined {
  let best: Gap | undefined
  for (let index = 0; index < search.pieceCount; index++) {
    if (index >= MOST_LOOKS && best !== undefined) break
    if (!search.isFree(index)) continue
    const gap = gapAt(index, search)
    if (best === undefined || share(gap) > share(best)) best = gap
    if (share(best) >= search.enough) break
    index += gap.count
  }
  return best && beginOf(best, search.group)
}

function gapAt(first: number, search: GapSearch): Gap {
  const isShared = search.isAhead(first)
  const end = Math.min(search.pieceCount, first + search.enough * (isShared ? 2 : 1))
  let count = 1
  while (first + count < end && search.isFree(first + count)) count++
  return { first, count, isShared }
}

function share({ count, isShared }: Gap): number {
  return isShared ? count / 2 : count
}

function beginOf({ first, count, isShared }: Gap, group: number): number {
  if (!isShared) return first
  const middle = first + (count >> 1)
  return Math.max(first, middle - (middle % group))
}
