/** What the HTTP fronts need of a tracker. It never fails: what went wrong is in the answer. */
import type { Eventual } from './eventual.js'

export interface HttpTracker {
  /** The query begins at `from`. The client is the text of an IP address. */
  announce(url: string, from: number, client: string): Eventual<string>
  scrape(url: string, from: number): Eventual<string>
}
