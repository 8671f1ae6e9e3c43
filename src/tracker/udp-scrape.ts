/** Asks UDP trackers how many peers their torrents have, without joining them (BEP 15). */
import { LIMITS } from '../config.js'
import type { UdpTracker } from './resolve-tracker.js'
import type { UdpConnections } from './udp-connections.js'
import { readScrapeAnswer, type ScrapeCounts, scrapeQuestion } from './udp-packets.js'

export interface UdpScrapeRequest {
  readonly tracker: UdpTracker
  /** 20 bytes each. Those beyond LIMITS.scrapedTorrents are not asked for. */
  readonly infoHashes: readonly Uint8Array[]
}

/** The counts in the order asked; all 0 for a torrent that is not known. Rejects as an announce does. */
export function udpScrape(
  connections: UdpConnections,
  { tracker, infoHashes }: UdpScrapeRequest,
  signal: AbortSignal,
): Promise<ScrapeCounts[]> {
  const asked = infoHashes.slice(0, LIMITS.scrapedTorrents)
  return connections.ask(
    tracker,
    {
      question: (connection) => scrapeQuestion(connection, asked),
      read: (packet) => readScrapeAnswer(packet, asked.length),
    },
    signal,
  )
}
