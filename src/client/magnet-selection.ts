import { MetainfoError } from '../core/errors.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import type { Magnet } from '../metainfo/parse-magnet.js'

/**
 * The files that a magnet link asks for (BEP 53), by their numbers as `select` takes them: the link counts
 * padding as well. Undefined when it asks for all. Throws MetainfoError BAD_MAGNET when there is none of
 * them.
 */
export function selectedByMagnet({ files }: Pick<Magnet, 'files'>, metainfo: Metainfo): number[] | undefined {
  if (files === undefined) return undefined
  const isAsked = new Uint8Array(metainfo.files.length)
  for (const { first, last } of files) isAsked.fill(1, first, last + 1)
  const numbers: number[] = []
  let number = 0
  for (const [index, file] of metainfo.files.entries()) {
    if (file.isPadding || file.isSymlink) continue
    if (isAsked[index] === 1) numbers.push(number)
    number++
  }
  if (numbers.length === 0)
    throw new MetainfoError('BAD_MAGNET', 'the link asks for files that there are not')
  return numbers
}
