/** Picks URLs that make sense from a .torrent or a magnet link, each once, up to a number. */

/** What a tracker may speak. Those that nobody here speaks are the announcer's to skip, and good to show. */
export const TRACKER_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'udp:', 'ws:', 'wss:'])
export const WEB_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:'])

export class SourceUrls {
  readonly #schemes: ReadonlySet<string>
  readonly #limit: number
  readonly #taken = new Set<string>()

  constructor(schemes: ReadonlySet<string>, limit: number) {
    this.#schemes = schemes
    this.#limit = limit
  }

  /**
   * The URL as it was written, unless it holds characters that have no place in one: then as a browser reads
   * it. Undefined when it is of no use, known already or one too many.
   */
  take(raw: string): string | undefined {
    if (this.#taken.size >= this.#limit || raw.length > MAX_URL_CHARACTERS) return undefined
    const url = this.#parse(raw.trim())
    if (url === undefined || this.#taken.has(url)) return undefined
    this.#taken.add(url)
    return url
  }

  #parse(text: string): string | undefined {
    if (!URL.canParse(text)) return undefined
    const url = new URL(text)
    if (!this.#schemes.has(url.protocol) || url.hostname === '') return undefined
    return URL_CHARACTERS.test(text) ? text : url.href
  }
}

const MAX_URL_CHARACTERS = 4096
/** All of printable ASCII but the space. */
const URL_CHARACTERS = /^[!-~]+$/
