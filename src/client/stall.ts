/** Says in one short sentence why nothing comes in, the most telling reason first. */
export interface StallFacts {
  readonly knownPeers: number
  readonly connectedPeers: number
  /** Connected peers that have something that is missing, and those that let us download. */
  readonly usefulPeers: number
  readonly unchokedPeers: number
  /** Runs that the disk has not answered for. */
  readonly writingCount: number
  /** What is wrong with those who are asked for peers. */
  readonly searchTrouble: string | undefined
}

export function describeStall(facts: StallFacts): string {
  const tracker = facts.searchTrouble === undefined ? '' : `; ${facts.searchTrouble}`
  if (facts.writingCount > 0) return 'waiting for the disk'
  if (facts.knownPeers === 0) return `no peers known${tracker}`
  if (facts.connectedPeers === 0) return `none of ${facts.knownPeers} known peers connected${tracker}`
  if (facts.usefulPeers === 0) return `connected peers have nothing that is missing${tracker}`
  if (facts.unchokedPeers === 0) return 'connected peers do not let us download yet'
  return 'waiting for peers to send'
}
