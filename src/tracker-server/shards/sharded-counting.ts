/** Counts swarms that are spread over the workers: each is asked for its own, all at the same time. */
import { INFO_HASH_BYTES } from '../announce-request.js'
import { readWord, writeWord } from '../network-words.js'
import type { RegistryCounting, SwarmCounting } from '../swarm-counting.js'
import type { SwarmCounts } from '../swarm-registry.js'
import type { ShardMap } from './shard-map.js'
import type { ShardPost } from './shard-post.js'

const COUNTS_BYTES = 12

export class ShardedCounting implements SwarmCounting {
  readonly #own: SwarmCounting
  readonly #map: ShardMap
  readonly #post: ShardPost

  constructor(own: SwarmCounting, map: ShardMap, post: ShardPost) {
    this.#own = own
    this.#map = map
    this.#post = post
  }

  async of(infoHashes: readonly Uint8Array[]): Promise<readonly SwarmCounts[]> {
    const counts = new Array<SwarmCounts>(infoHashes.length)
    const owners = infoHashes.map((infoHash) => this.#map.ownerOf(infoHash))
    const asked = [...new Set(owners)].map(async (owner) => {
      const places = [...owners.keys()].filter((place) => owners[place] === owner)
      const found = await this.#countAt(
        owner,
        places.map((place) => infoHashes[place]!),
      )
      for (const [at, place] of places.entries()) counts[place] = found[at]!
    })
    await Promise.all(asked)
    return counts
  }

  async all(maxCount: number): Promise<readonly Uint8Array[] | undefined> {
    const lists = Array.from({ length: this.#map.count }, async (_, shard) => {
      if (shard === this.#map.own) return await this.#own.all(maxCount)
      return splitList(await this.#post.call(shard, 'list', encodeMaxCount(maxCount)))
    })
    const all: Uint8Array[] = []
    for (const list of await Promise.all(lists)) {
      if (list === undefined || all.length + list.length > maxCount) return undefined
      all.push(...list)
    }
    return all
  }

  async #countAt(owner: number, infoHashes: readonly Uint8Array[]): Promise<readonly SwarmCounts[]> {
    if (owner === this.#map.own) return await this.#own.of(infoHashes)
    return decodeCounts(await this.#post.call(owner, 'count', Buffer.concat(infoHashes)))
  }
}

/** What a worker answers to `count`. */
export function serveCount(own: RegistryCounting, body: Buffer): Buffer {
  return encodeCounts(own.of(splitInfoHashes(body)))
}

/** What a worker answers to `list`: a byte that says whether there are too many, then the info hashes. */
export function serveList(own: RegistryCounting, body: Buffer): Buffer {
  const list = own.all(readWord(body, 0))
  return list === undefined ? Buffer.of(1) : Buffer.concat([Buffer.of(0), ...list])
}

function splitList(answer: Buffer): Buffer[] | undefined {
  return answer[0] === 1 ? undefined : splitInfoHashes(answer.subarray(1))
}

function splitInfoHashes(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / INFO_HASH_BYTES }, (_, at) => {
    return bytes.subarray(at * INFO_HASH_BYTES, (at + 1) * INFO_HASH_BYTES)
  })
}

function encodeMaxCount(maxCount: number): Buffer {
  const body = Buffer.alloc(4)
  writeWord(body, 0, maxCount)
  return body
}

function encodeCounts(counts: readonly SwarmCounts[]): Buffer {
  const body = Buffer.alloc(counts.length * COUNTS_BYTES)
  for (const [place, { seeds, leechers, completed }] of counts.entries()) {
    writeWord(body, place * COUNTS_BYTES, seeds)
    writeWord(body, place * COUNTS_BYTES + 4, leechers)
    writeWord(body, place * COUNTS_BYTES + 8, completed)
  }
  return body
}

function decodeCounts(body: Buffer): SwarmCounts[] {
  return Array.from({ length: body.length / COUNTS_BYTES }, (_, place) => ({
    seeds: readWord(body, place * COUNTS_BYTES),
    leechers: readWord(body, place * COUNTS_BYTES + 4),
    completed: readWord(body, place * COUNTS_BYTES + 8),
  }))
}
