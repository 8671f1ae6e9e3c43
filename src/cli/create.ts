/** `swarmfetch create`: hashes a file or folder, writes its .torrent, says its info hash and magnet link. */
import { basename, relative, resolve } from 'node:path'
import type { CreateTorrentOptions } from '../client/create-options.js'
import { type CreatedTorrent, createTorrent } from '../client/create-torrent.js'
import { OptionError } from '../core/errors.js'
import { writeNewFile } from '../storage/write-new-file.js'
import type { CreateCommandOptions } from './create-options.js'
import { chooseOutput, outputExists } from './create-output.js'
import { createdText, renamedText } from './create-text.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { displayHashing } from './hashing-display.js'
import { printError, printOutput, STANDARD_OUTPUT, writeOutput } from './standard-streams.js'

/** Rejects with an OptionError, MetainfoError, StorageError or StoppedError. */
export async function create(path: string, options: CreateCommandOptions): Promise<ExitCode> {
  const { output, json = false, quiet = false, force = false } = options
  const isStream = output === STANDARD_OUTPUT
  if (isStream && json) throw new OptionError('BAD_OPTION', '--output - and --json both want standard output')
  const name = basename(resolve(path))
  const choice = { output: output ?? `${name}.torrent`, force }
  const target = isStream ? undefined : await chooseOutput(path, choice)
  const created = await displayHashing({ name, isQuiet: quiet || json }, (calls) =>
    createTorrent(path, { ...calls, ...torrentOptions(options) }),
  )
  if (target === undefined) await writeOutput(created.torrent)
  else if (!(await writeNewFile(target, created.torrent, { overwrite: force }))) throw outputExists(target)
  tell(created, target, options)
  return EXIT.done
}

function torrentOptions(options: CreateCommandOptions): CreateTorrentOptions {
  const { pieceLength, comment, source, workers } = options
  return {
    trackers: options.tracker ?? [],
    webSeeds: options.webSeed ?? [],
    isPrivate: options.private ?? false,
    exclude: options.exclude ?? [],
    ...(options.date ? {} : { createdAtSeconds: false }),
    ...(pieceLength === undefined ? {} : { pieceLength }),
    ...(comment === undefined ? {} : { comment }),
    ...(source === undefined ? {} : { source }),
    ...(workers === undefined ? {} : { workers }),
  }
}

/** Where standard output holds the .torrent, people read of it on stderr. */
function tell(
  created: CreatedTorrent,
  target: string | undefined,
  { json, quiet }: CreateCommandOptions,
): void {
  const { torrent: _, ...facts } = created
  if (json) printOutput(JSON.stringify({ path: target, ...facts }))
  else if (!quiet && target !== undefined) printOutput(createdText(created, relative('', target)))
  else if (!quiet) printError(createdText(created, 'standard output'))
  const warning = renamedText(created.renamedFiles)
  if (warning !== undefined) printError(`swarmfetch: ${warning}`)
}
