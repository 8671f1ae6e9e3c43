/**
 * The files of a torrent at one web seed (BEP 19), and where its redirects have led: they are followed at once the next
 * time, for that file, and for all files when the new place ends in the same path.
 */
import type { Geometry } from '../core/geometry.js'
import type { MetainfoFile } from '../metainfo/metainfo.js'
import { webSeedUrl } from '../metainfo/web-seed-url.js'
import type { WebPlace, WebResource, WebSource } from './web-source.js'

/** Single files that are somewhere else: beyond this they are asked for at their first place again. */
const MOST_MOVED = 1_000

type WebFile = Pick<MetainfoFile, 'webPath' | 'isPadding'>

export class FileSource implements WebSource {
  readonly #files: readonly WebFile[]
  readonly #geometry: Geometry
  readonly #base: string
  #movedBase: string | undefined
  readonly #moved = new Map<number, URL>()

  constructor(url: string, files: readonly WebFile[], geometry: Geometry) {
    this.#base = url
    this.#files = files
    this.#geometry = geometry
  }

  resourceAt(offset: number): WebResource {
    const [span] = this.#geometry.spans(offset, 1)
    const number = span!.fileIndex
    const begin = offset - span!.fileOffset
    const end = begin + this.#geometry.files[number]!.length
    return { number, begin, end, isPadding: this.#files[number]!.isPadding }
  }

  placeOf({ number }: WebResource): WebPlace | undefined {
    const moved = this.#moved.get(number)
    const url = moved ?? this.#at(this.#movedBase ?? this.#base, number)
    const isRemembered = moved !== undefined || this.#movedBase !== undefined
    return url && { url, isRemembered, isRangeInUrl: false }
  }

  redirected(fileIndex: number, target: URL): void {
    const base = this.#baseOf(fileIndex, target.href)
    if (base !== undefined) this.#movedBase = base
    else if (this.#moved.size < MOST_MOVED || this.#moved.has(fileIndex)) this.#moved.set(fileIndex, target)
  }

  forgetRedirects(fileIndex: number): void {
    this.#moved.delete(fileIndex)
    this.#movedBase = undefined
  }

  piecesOf(fileIndex: number): { readonly first: number; readonly end: number } {
    return this.#geometry.piecesOfFile(fileIndex)
  }

  #at(base: string, fileIndex: number): URL | undefined {
    return webSeedUrl(base, this.#files[fileIndex]!.webPath)
  }

  /** The folder below which the target has the file under its own path. */
  #baseOf(fileIndex: number, target: string): string | undefined {
    const path = this.#at('http://host/', fileIndex)?.pathname
    const isFolder = this.#base.endsWith('/') || this.#files[fileIndex]!.webPath.length > 1
    if (!isFolder || path === undefined || !target.endsWith(path)) return undefined
    return target.slice(0, target.length - path.length + 1)
  }
}
