/** Everything the HTTP server offers besides announces and scrapes: which path gives what. */
import type { CataloguePages } from './catalogue-pages.js'
import { jsonReply, type Reply, refusal } from './http-replies.js'
import { METRICS_TYPE, metricsText } from './metrics-text.js'
import type { PageRequest } from './page-request.js'
import { statusPage } from './status-page.js'
import type { TrackerStats } from './tracker-stats.js'

export interface PageSources {
  readonly stats: () => Promise<TrackerStats>
  /** How many rates the history holds at most. */
  readonly plotSlots: number
  readonly catalogue: CataloguePages | undefined
}

export class TrackerPages {
  readonly #sources: PageSources

  constructor(sources: PageSources) {
    this.#sources = sources
  }

  /** For `Pages`. */
  async reply(request: PageRequest): Promise<Reply> {
    const { url } = request
    const mark = url.indexOf('?')
    const path = mark === -1 ? url : url.slice(0, mark)
    if (path.startsWith('/torrents/')) return await this.#torrent(request, path.slice('/torrents/'.length))
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refusal(405, 'BAD_METHOD', 'use GET', { Allow: 'GET, HEAD', Connection: 'close' })
    }
    return await this.#page(path, new URLSearchParams(mark === -1 ? '' : url.slice(mark)))
  }

  async #torrent(request: PageRequest, key: string): Promise<Reply> {
    return (await this.#sources.catalogue?.serve(request, key)) ?? noCatalogue()
  }

  async #page(path: string, parameters: URLSearchParams): Promise<Reply> {
    const { stats, plotSlots, catalogue } = this.#sources
    switch (path) {
      case '/':
        return { status: 200, type: 'text/html; charset=utf-8', body: statusPage(await stats(), plotSlots) }
      case '/stats.json':
        return jsonReply(await stats())
      case '/metrics':
        return { status: 200, type: METRICS_TYPE, body: metricsText(await stats()) }
      case '/torrents':
        return (await catalogue?.find(parameters)) ?? noCatalogue()
      default:
        return refusal(404, 'NOT_FOUND', 'there is nothing here')
    }
  }
}

function noCatalogue(): Reply {
  return refusal(404, 'NO_CATALOGUE', 'this tracker keeps no torrents', { Connection: 'close' })
}
