/** The web seeds of a torrent, each with what it has: those that the metainfo names, and those that the user does. */
import type { PrivateReach } from '../core/private-reach.js'
import type { Metainfo } from '../metainfo/metainfo.js'
import { FileSource } from '../webseed/file-source.js'
import { PieceSource } from '../webseed/piece-source.js'
import type { WebSeedParts } from './web-seed.js'

/** A web seed that the user names. */
export interface GivenWebSeed {
  readonly url: string
  /** Where it may lead. */
  readonly reach: PrivateReach
}

type SeededMetainfo = Pick<Metainfo, 'infoHash' | 'files' | 'geometry' | 'webSeeds' | 'httpSeeds'>

/** Each URL once. `reach` tells where those of the metainfo may lead. */
export function listWebSeeds(
  { infoHash, files, geometry, webSeeds, httpSeeds }: SeededMetainfo,
  given: readonly GivenWebSeed[],
  reach: PrivateReach,
): WebSeedParts[] {
  const ofFiles = (url: string) => ({ url, source: new FileSource(url, files, geometry) })
  const seeds: WebSeedParts[] = [
    ...httpSeeds.map((url) => ({ url, reach, source: new PieceSource(url, infoHash.bytes, geometry) })),
    ...webSeeds.map((url) => ({ ...ofFiles(url), reach })),
    ...given.map(({ url, reach }) => ({ ...ofFiles(url), reach })),
  ]
  return [...new Map(seeds.map((seed) => [seed.url, seed])).values()]
}
