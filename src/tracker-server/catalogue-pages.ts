/**
 * The catalogue over HTTP: `GET /torrents?query=` finds, `GET /torrents/<name or info hash>` gives the
 * .torrent, `PUT` and `DELETE` change it with the token. Answers other than a .torrent are JSON.
 */
import { LIMITS } from '../config.js'
import { MetainfoError } from '../core/errors.js'
import { HttpBodyError } from '../core/http-body.js'
import type { Catalogue, PutOutcome } from './catalogue.js'
import { type CatalogueEntry, fileNameOf, toEntry, toEntryName } from './catalogue-entry.js'
import { type Match, searchCatalogue } from './catalogue-search.js'
import { jsonReply, type Reply, refusal } from './http-replies.js'
import type { PageRequest } from './page-request.js'
import type { SwarmCounting } from './swarm-counting.js'
import type { SwarmCounts } from './swarm-registry.js'
import type { WriteToken } from './write-token.js'

const MAX_QUERY_LENGTH = 256
const INFO_HASH = /^[0-9a-f]{40}$/i

export class CataloguePages {
  readonly #catalogue: Catalogue
  readonly #counting: SwarmCounting
  readonly #token: WriteToken | undefined

  constructor(catalogue: Catalogue, counting: SwarmCounting, token: WriteToken | undefined) {
    this.#catalogue = catalogue
    this.#counting = counting
    this.#token = token
  }

  /** `GET /torrents?query=NAME`. */
  async find(parameters: URLSearchParams): Promise<Reply> {
    const query = (parameters.get('query') ?? '').slice(0, MAX_QUERY_LENGTH)
    const matches = searchCatalogue(this.#catalogue.entries(), query)
    return jsonReply({ torrents: await this.#describe(matches) })
  }

  /** `/torrents/<key>`, the key as it is in the path. Rejects with the system's error. */
  async serve(request: PageRequest, encodedKey: string): Promise<Reply> {
    const name = toEntryName(encodedKey)
    if (name === undefined) return refusal(400, 'BAD_NAME', 'that cannot be the name of a torrent')
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return await this.#get(name)
      case 'PUT':
        return this.#forbid(request) ?? (await this.#put(name, request))
      case 'DELETE':
        return this.#forbid(request) ?? (await this.#remove(name))
      default:
        return refusal(405, 'BAD_METHOD', 'use GET, PUT or DELETE', { Allow: 'GET, HEAD, PUT, DELETE' })
    }
  }

  async #get(name: string): Promise<Reply> {
    const entry = this.#catalogue.find(name)
    if (entry === undefined) return notFound()
    const fileName = encodeURIComponent(fileNameOf(entry.name))
    const headers = { 'Content-Disposition': `attachment; filename*=UTF-8''${fileName}` }
    return { status: 200, type: 'application/x-bittorrent', body: await this.#catalogue.read(entry), headers }
  }

  async #put(name: string, request: PageRequest): Promise<Reply> {
    try {
      const bytes = await request.body(LIMITS.torrentFileBytes)
      const entry = toEntry(name, bytes)
      if (INFO_HASH.test(name) && name.toLowerCase() !== entry.infoHash) {
        return refusal(400, 'WRONG_INFO_HASH', `the info hash of this torrent is ${entry.infoHash}`)
      }
      return await this.#putReply(await this.#catalogue.put(entry, bytes), entry)
    } catch (error) {
      if (error instanceof MetainfoError) return refusal(400, error.code, error.message)
      if (error instanceof HttpBodyError) return tooLarge()
      throw error
    }
  }

  async #putReply(outcome: PutOutcome, entry: CatalogueEntry): Promise<Reply> {
    if (outcome === 'full') return refusal(507, 'FULL', 'the catalogue is full')
    const status = { created: 201, replaced: 200, 'info hash is there under another name': 409 }[outcome]
    if (status === 409) return refusal(409, 'DUPLICATE_TORRENT', outcome)
    const [described] = await this.#describe([{ entry, files: [] }])
    return jsonReply(described, status)
  }

  async #remove(name: string): Promise<Reply> {
    const entry = this.#catalogue.find(name)
    if (entry === undefined) return notFound()
    await this.#catalogue.remove(entry)
    return jsonReply({ removed: entry.name })
  }

  /** Why this request may not write. The body is not read then, so the connection ends. */
  #forbid(request: PageRequest): Reply | undefined {
    const end = { Connection: 'close' }
    if (this.#token === undefined) return refusal(403, 'READ_ONLY', 'this tracker takes no torrents', end)
    if (this.#token.accepts(request.authorization)) return undefined
    return refusal(401, 'WRONG_TOKEN', 'the token is missing or wrong', {
      ...end,
      'WWW-Authenticate': 'Bearer',
    })
  }

  async #describe(matches: readonly Match[]): Promise<object[]> {
    const counts = await this.#counting.of(matches.map(({ entry }) => entry.infoHashBytes))
    return matches.map((match, at) => describe(match, counts[at]!))
  }
}

function describe({ entry, files }: Match, counts: SwarmCounts): object {
  return {
    name: entry.name,
    title: entry.title,
    infoHash: entry.infoHash,
    totalBytes: entry.totalBytes,
    fileCount: entry.fileCount,
    files,
    seeds: counts.seeds,
    peers: counts.seeds + counts.leechers,
    completed: counts.completed,
    url: `/torrents/${encodeURIComponent(entry.name)}`,
  }
}

function tooLarge(): Reply {
  const message = `a .torrent has at most ${LIMITS.torrentFileBytes} bytes`
  return refusal(413, 'TOO_LARGE', message, { Connection: 'close' })
}

function notFound(): Reply {
  return refusal(404, 'NOT_FOUND', 'there is no such torrent')
}
