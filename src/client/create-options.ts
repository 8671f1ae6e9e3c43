/** What a program may set about a torrent that is made, checked and with the defaults filled in. */
import { availableParallelism } from 'node:os'
import { unixSeconds } from '../core/clock.js'
import { OptionError } from '../core/errors.js'
import { isPieceLength } from '../metainfo/choose-piece-length.js'
import { checkedList } from './checked-list.js'

export interface CreateTorrentOptions {
  /** In bytes, a power of two from 16 KiB to 256 MiB. By the size: some 2,000 pieces, of 16 MiB at most. */
  readonly pieceLength?: number
  /** Tiers (BEP 12): each entry is one, of one URL or of several among which clients choose. None. */
  readonly trackers?: readonly (string | readonly string[])[]
  /** URLs of servers that have the same files (BEP 19). None. */
  readonly webSeeds?: readonly string[]
  /** Peers only from the trackers (BEP 27). False. */
  readonly isPrivate?: boolean
  readonly comment?: string
  /** Goes into the info hash: what some private trackers ask for. */
  readonly source?: string
  /**
   * Globs of what is left out. One without a slash is compared with every name, of folders too; one with
   * slashes with the path below the shared folder. None.
   */
  readonly exclude?: readonly string[]
  /** Seconds since 1970; false leaves the date out, so that the same files give the same bytes. Now. */
  readonly createdAtSeconds?: number | false
  /** The program. `swarmfetch`. */
  readonly createdBy?: string
  /** Threads that read and hash. One per core. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (hashedBytes: number, bytesToHash: number) => void
}

export interface CheckedCreateOptions {
  readonly pieceLength: number | undefined
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly isPrivate: boolean
  readonly comment: string | undefined
  readonly source: string | undefined
  readonly exclude: readonly string[]
  readonly createdAtSeconds: number | undefined
  readonly createdBy: string
  readonly workers: number
}

/** Throws OptionError BAD_OPTION, naming the option. */
export function checkCreateOptions(options: CreateTorrentOptions): CheckedCreateOptions {
  const { pieceLength, createdAtSeconds = unixSeconds(), workers = availableParallelism() } = options
  const isWhole = (value: number | false) => value === false || (Number.isSafeInteger(value) && value >= 0)
  if (pieceLength !== undefined && !isPieceLength(pieceLength)) {
    throw bad('pieceLength', `${pieceLength} is not a power of two from 16 KiB to 256 MiB`)
  }
  if (!isWhole(createdAtSeconds)) throw bad('createdAtSeconds', 'not whole seconds since 1970')
  if (!(Number.isInteger(workers) && workers >= 1)) throw bad('workers', `${workers} is no number of threads`)
  return {
    pieceLength,
    trackers: tiersOf(checkedList('trackers', options.trackers)),
    webSeeds: checkedList('webSeeds', options.webSeeds).map((url) =>
      checkedUrl('webSeeds', url, WEB_SEED_SCHEMES),
    ),
    isPrivate: options.isPrivate ?? false,
    comment: options.comment,
    source: options.source,
    exclude: checkedList('exclude', options.exclude),
    createdAtSeconds: createdAtSeconds === false ? undefined : createdAtSeconds,
    createdBy: options.createdBy ?? 'swarmfetch',
    workers: Math.min(workers, MAX_WORKERS),
  }
}

const MAX_WORKERS = 64
const TRACKER_SCHEMES = ['http:', 'https:', 'udp:', 'ws:', 'wss:']
const WEB_SEED_SCHEMES = ['http:', 'https:']

function tiersOf(trackers: readonly (string | readonly string[])[]): string[][] {
  return trackers
    .map((tier) => (typeof tier === 'string' ? [tier] : checkedList('trackers', tier)))
    .filter((tier) => tier.length > 0)
    .map((tier) => tier.map((url) => checkedUrl('trackers', url, TRACKER_SCHEMES)))
}

function checkedUrl(option: string, text: string, schemes: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && schemes.includes(url.protocol) && url.hostname !== '') return text
  throw bad(option, `${text} is no URL that begins with ${schemes.join(', ')}`)
}

function bad(option: string, detail: string): OptionError {
  return new OptionError('BAD_OPTION', `${option}: ${detail}`)
}
