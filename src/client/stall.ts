/** Says in one short sentence why nothing comes in, the most telling reason first. */
export interface StallFacts {
  readonly knownPeers: number
  /** Not among those. */
  readonly bannedPeers: number
  readonly connectedPeers: number
  /** Connected peers that have something that is missing, and those that let us download. */
  readonly usefulPeers: number
  readonly unchokedPeers: number
  /** Runs that the disk has not answered for. */
  readonly writingCount: number
  /** What is wrong with those who are asked for peers. */
  readonly searchTrouble: string | undefined
  /** Undefined where there can be none. */
  readonly webSeeds?: WebSeedFacts
}

export interface WebSeedFacts {
  /** Those that have not been dropped, and those that are being read from. */
  readonly knownCount: number
  readonly activeCount: number
  /** What is wrong with one that is not. */
  readonly trouble: string | undefined
}

export const WAITING_FOR_DISK = 'waiting for the disk'

export function describeStall(facts: StallFacts): string {
  const { webSeeds = NO_WEB_SEEDS } = facts
  const troubles = [facts.searchTrouble, webSeeds.trouble].filter((text) => text !== undefined)
  const trouble = troubles.map((text) => `; ${text}`).join('')
  if (facts.writingCount > 0) return WAITING_FOR_DISK
  if (facts.unchokedPeers === 0 && webSeeds.activeCount > 0) return 'waiting for web seeds to send'
  if (facts.knownPeers === 0 && webSeeds.knownCount > 0 && trouble === '')
    return 'waiting for web seeds to answer'
  if (facts.knownPeers === 0)
    return `no peers ${facts.bannedPeers > 0 ? 'but banned ones' : 'known'}${trouble}`
  if (facts.connectedPeers === 0) return `none of ${facts.knownPeers} known peers connected${trouble}`
  if (facts.usefulPeers === 0) return `connected peers have nothing that is missing${trouble}`
  if (facts.unchokedPeers === 0) return 'connected peers do not let us download yet'
  return 'waiting for peers to send'
}

const NO_WEB_SEEDS: WebSeedFacts = { knownCount: 0, activeCount: 0, trouble: undefined }
