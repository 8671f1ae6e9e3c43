/**
 * What the tracker says about itself: the same numbers for people, programs and Prometheus. Each process counts for
 * itself; what is told is the sum.
 */
import type { SurveyedSwarm } from './swarm-survey.js'

export interface HttpCounts {
  readonly announces: number
  readonly scrapes: number
  readonly errors: number
}

export interface UdpCounts extends HttpCounts {
  readonly connects: number
  readonly ignored: number
}

/** The tables of swarms and peers. */
export interface TableStats {
  readonly swarmCount: number
  readonly seedCount: number
  readonly leecherCount: number
  readonly ipv4PeerCount: number
  readonly ipv6PeerCount: number
  /** Reserved by the tables. */
  readonly tableBytes: number
}

export interface ProcessStats {
  readonly count: number
  readonly residentBytes: number
  readonly cpuUserSeconds: number
  readonly cpuSystemSeconds: number
}

/** What one process of the tracker knows. */
export interface ShardStats {
  readonly tables: TableStats
  readonly http: HttpCounts
  readonly udp: UdpCounts
  readonly process: ProcessStats
  /** Its largest swarms, largest first. */
  readonly swarms: readonly SurveyedSwarm[]
}

export interface SwarmStats extends SurveyedSwarm {
  /** From the catalogue. */
  readonly name: string | undefined
}

export interface TrackerStats extends TableStats {
  readonly uptimeSeconds: number
  readonly http: HttpCounts
  readonly udp: UdpCounts
  /** Of all processes together. */
  readonly process: ProcessStats
  readonly catalogueCount: number
  /** Announces of both kinds per second, oldest first, one for each `rateStepSeconds`. */
  readonly announceRates: readonly number[]
  readonly rateStepSeconds: number
  /** The largest swarms. */
  readonly swarms: readonly SwarmStats[]
}

/** So many swarms are told of. */
export const SWARMS_SHOWN = 100

/** At least one. */
export function sumOfShards(shards: readonly ShardStats[]): ShardStats {
  const swarms = shards.flatMap((shard) => shard.swarms)
  const bySize = swarms.sort((a, b) => b.seeds + b.leechers - a.seeds - a.leechers)
  return {
    tables: sumOf(shards.map(({ tables }) => tables)),
    http: sumOf(shards.map(({ http }) => http)),
    udp: sumOf(shards.map(({ udp }) => udp)),
    process: sumOf(shards.map(({ process }) => process)),
    swarms: bySize.slice(0, SWARMS_SHOWN),
  }
}

/** Number by number. */
export function sumOf<T extends { readonly [K in keyof T]: number }>(records: readonly T[]): T {
  const names = Object.keys(records[0]!) as (keyof T)[]
  const sums = names.map((name) => [name, records.reduce((sum, record) => sum + record[name], 0)])
  return Object.fromEntries(sums)
}
