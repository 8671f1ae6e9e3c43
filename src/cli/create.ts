/** `swarmfetch create`: hashes a file or folder, writes its .torrent, says its info hash and magnet link. */
import { basename, relative, resolve } from 'node:path'
import type { CreateTorrentOptions } from '../client/create-options.js'
import { type CreatedTorrent, createTorrent } from '../client/create-torrent.js'
import { writeNewFile } from '../storage/write-new-file.js'
import type { CreateCommandOptions } from './create-options.js'
import { chooseOutput, outputExists } from './create-output.js'
import { createdText, renamedText } from './create-text.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { displayHashing } from './hashing-display.js'
import { printError, printOutput } from './standard-streams.js'

/** Rejects with an OptionError, MetainfoError, StorageError or StoppedError. */
export async function create(path: string, options: CreateCommandOptions): Promise<ExitCode> {
  const { output, json, quiet, force } = options
  const isQuiet = (quiet ?? false) || (json ?? false)
  const name = basename(resolve(path))
  const target = await chooseOutput(path, { output: output ?? `${name}.torrent`, force: force ?? false })
  const created = await displayHashing({ name, isQuiet }, (calls) =>
    createTorrent(path, { ...calls, ...torrentOptions(options) }),
  )
  const isWritten = await writeNewFile(target, created.torrent, { overwrite: force ?? false })
  if (!isWritten) throw outputExists(target)
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

function tell(created: CreatedTorrent, target: string, { json, quiet }: CreateCommandOptions): void {
  const { torrent: _, ...facts } = created
  if (json) printOutput(JSON.stringify({ path: target, ...facts }))
  else if (!quiet) printOutput(createdText(created, relative('', target)))
  const warning = renamedText(created.renamedFiles)
  if (warning !== undefined) printError(`swarmfetch: ${warning}`)
}
