/** The options of `create`, as they are declared. */
import { type Command, InvalidArgumentError } from 'commander'
import { parseBytes } from '../core/units.js'
import { isPieceLength } from '../metainfo/choose-piece-length.js'
import { repeated, webUrl, wholeNumber } from './option-values.js'

export interface CreateCommandOptions {
  readonly output?: string
  /** In bytes. */
  readonly pieceLength?: number
  /** By tier. */
  readonly tracker?: readonly (readonly string[])[]
  readonly webSeed?: readonly string[]
  readonly private?: boolean
  readonly comment?: string
  readonly source?: string
  readonly exclude?: readonly string[]
  readonly date: boolean
  readonly force?: boolean
  readonly workers?: number
  readonly json?: boolean
  readonly quiet?: boolean
}

export function addCreateOptions(command: Command): Command {
  return command
    .option(
      '-o, --output <file>',
      'the .torrent to write; - writes it to standard output (<name>.torrent in the current folder)',
    )
    .option('--piece-length <size>', 'a power of two from 16K to 256M (by the size of the data)', pieceLength)
    .option(
      '--tracker <url>',
      'announce URL; a tier for each, commas inside one (repeatable)',
      repeated(tier),
    )
    .option('--web-seed <url>', 'where the same files are on the web (repeatable)', repeated(webUrl))
    .option('--private', 'peers only from these trackers')
    .option('--comment <text>', 'for people')
    .option('--source <text>', 'part of the info hash, for trackers that ask for it')
    .option('--exclude <glob>', 'leave out what matches, by name or path (repeatable)', repeated(glob))
    .option('--no-date', 'leave out the date, so that the same data gives the same bytes')
    .option('--force', 'replace an output that is there already')
    .option('--workers <n>', 'threads that hash (one per core)', wholeNumber(1, 64))
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'no progress and no report, only errors')
}

function pieceLength(text: string): number {
  const bytes = parseBytes(text)
  if (bytes !== undefined && isPieceLength(bytes)) return bytes
  throw new InvalidArgumentError('It must be a power of two from 16K to 256M, such as 1M.')
}

function tier(text: string): string[] {
  const urls = text.split(',').map((url) => url.trim())
  if (urls.includes('')) throw new InvalidArgumentError('It must be a URL, or several with commas between.')
  return urls
}

function glob(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must be a glob.')
  return text
}
