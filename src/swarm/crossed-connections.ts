/**
 * Which of two connections to the same peer stays. Pure, and the answer does not depend on which came first
 * wherever the ends might see that differently: otherwise each end would close the one that the other keeps.
 */
export interface TwoConnections {
  /** The peer dialled it. */
  readonly isOlderIncoming: boolean
  readonly isNewerIncoming: boolean
  /** In hex. */
  readonly ourPeerId: string
  readonly theirPeerId: string
}

/**
 * When both have dialled, what the smaller peer id dialled stays; when the same end dialled twice, the older one.
 */
export function staysNewer(two: TwoConnections): boolean {
  const { isOlderIncoming, isNewerIncoming, ourPeerId, theirPeerId } = two
  if (isOlderIncoming === isNewerIncoming) return false
  const isTheirsToStay = theirPeerId < ourPeerId
  return isNewerIncoming === isTheirsToStay
}
