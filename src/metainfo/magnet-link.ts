import type { Metainfo } from './metainfo.js'

/** A link that names the torrent and where to ask for it (BEP 9): trackers as `tr`, web seeds as `ws`. */
export function magnetLink(metainfo: Pick<Metainfo, 'infoHash' | 'name' | 'trackers' | 'webSeeds'>): string {
  const fields = [
    `xt=urn:btih:${metainfo.infoHash.hex}`,
    `dn=${encodeURIComponent(metainfo.name)}`,
    ...metainfo.trackers.flat().map((url) => `tr=${encodeURIComponent(url)}`),
    ...metainfo.webSeeds.map((url) => `ws=${encodeURIComponent(url)}`),
  ]
  return `magnet:?${fields.join('&')}`
}
