/** The torrents and peers that the load consists of. */
export interface LoadTarget {
  readonly host: string
  readonly port: number
  /** Announces are for random ones of so many. */
  readonly swarms: number
  readonly durationMs: number
}

export function infoHashOf(swarm: number): Buffer {
  const bytes = Buffer.alloc(20, 0x5f)
  bytes.writeUInt32BE(swarm)
  return bytes
}

export function infoHashHex(swarm: number): string {
  return infoHashOf(swarm).toString('hex')
}

export function randomBelow(end: number): number {
  return Math.floor(Math.random() * end)
}

export function randomPort(): number {
  return 1_024 + randomBelow(60_000)
}
