/**
 * Where the files of a torrent are at one web seed (BEP 19), and where its redirects have led: they are followed at
 * once the next time, for that file, and for all files when the new place ends in the same path.
 */
import type { MetainfoFile } from '../metainfo/metainfo.js'
import { webSeedUrl } from '../metainfo/web-seed-url.js'

/** Single files that are somewhere else: beyond this they are asked for at their first place again. */
const MOST_MOVED = 1_000

export interface WebPlace {
  readonly url: URL
  /** An earlier redirect led there. */
  readonly isRemembered: boolean
}

export class FileSource {
  readonly #files: readonly Pick<MetainfoFile, 'webPath'>[]
  readonly #base: string
  #movedBase: string | undefined
  readonly #moved = new Map<number, URL>()

  constructor(url: string, files: readonly Pick<MetainfoFile, 'webPath'>[]) {
    this.#base = url
    this.#files = files
  }

  /** Undefined when no URL can name the file. */
  placeOf(fileIndex: number): WebPlace | undefined {
    const moved = this.#moved.get(fileIndex)
    const url = moved ?? this.#at(this.#movedBase ?? this.#base, fileIndex)
    return url && { url, isRemembered: moved !== undefined || this.#movedBase !== undefined }
  }

  redirected(fileIndex: number, target: URL): void {
    const base = this.#baseOf(fileIndex, target.href)
    if (base !== undefined) this.#movedBase = base
    else if (this.#moved.size < MOST_MOVED || this.#moved.has(fileIndex)) this.#moved.set(fileIndex, target)
  }

  /** It is not there any more: links to mirrors expire. */
  forgetRedirects(fileIndex: number): void {
    this.#moved.delete(fileIndex)
    this.#movedBase = undefined
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
