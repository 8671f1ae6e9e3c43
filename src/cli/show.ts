/** `swarmfetch show`: what is in a .torrent. */
import { describeMetainfo } from '../metainfo/describe-metainfo.js'
import { parseMetainfo } from '../metainfo/parse-metainfo.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { readSource } from './read-source.js'
import { metainfoText } from './show-text.js'
import { printOutput } from './standard-streams.js'

export interface ShowOptions {
  readonly json?: boolean
}

/** Rejects with a SourceError or a MetainfoError. */
export async function show(source: string, options: ShowOptions): Promise<ExitCode> {
  const metainfo = parseMetainfo(await readSource(source))
  printOutput(options.json ? JSON.stringify(describeMetainfo(metainfo)) : metainfoText(metainfo))
  return EXIT.done
}
