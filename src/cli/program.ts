/**
 * The commands and their options. Each command's module is loaded when it is called, so that `show` does not
 * wait for the download engine to load.
 */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { OptionError } from '../core/errors.js'
import { addCreateOptions, type CreateCommandOptions } from './create-options.js'
import { addDhtOptions } from './dht-options.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { reportFailure } from './failure.js'
import { addGetOptions, type GetOptions } from './get-options.js'
import { duration, fileSelector, hostPort, repeated, wholeNumber } from './option-values.js'
import { addSeedOptions, type SeedOptions } from './seed-options.js'
import type { ShowOptions } from './show.js'
import { ALLOW_PRIVATE, encryptionOption } from './swarm-options.js'
import { addTrackerOptions, type TrackerOptions } from './tracker-options.js'
import type { VerifyCommandOptions } from './verify.js'

/** Runs what the arguments say, without the two that start the program. Never rejects. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done
  const program = createProgram((code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    const isJson = args.includes('--json')
    if (!(error instanceof CommanderError)) return reportFailure(error, { isJson })
    return error.exitCode === 0 ? EXIT.done : reportUsage(error, isJson)
  }
}

/** Takes the exit code of the command that ran. */
type Finish = (code: ExitCode) => void

function createProgram(finish: Finish): Command {
  const program = new Command('swarmfetch')
    .description(
      'Fetches and distributes torrents, every byte verified, with exit codes that a script can trust.',
    )
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  addGet(program, finish)
  addSeed(program, finish)
  addShow(program, finish)
  addVerify(program, finish)
  addCreate(program, finish)
  addTracker(program, finish)
  return program
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

const TORRENT = 'path or URL of a .torrent; - for standard input'
const SOURCE = 'path or URL of a .torrent, magnet link, or info hash; - for standard input'

function addGet(program: Command, finish: Finish): void {
  const command = program.command('get').description('download, verify, exit').argument('<source...>', SOURCE)
  addGetOptions(command).action(async (sources: string[], options: GetOptions) => {
    const { get } = await import('./get.js')
    const manner = { isJson: options.json, isEvent: true }
    finish(await get(sources, options).catch((error) => reportFailure(error, manner)))
  })
}

function addSeed(program: Command, finish: Finish): void {
  const command = program
    .command('seed')
    .description('check what is on disk, and serve it')
    .argument('<torrent>', SOURCE)
    .argument('<path>', 'the folder that holds its data, or the data itself')
    .argument('[more...]', 'further torrents, each with the path of its data')
  addSeedOptions(command).action(
    async (torrent: string, path: string, more: string[], options: SeedOptions) => {
      const { seed } = await import('./seed.js')
      const manner = { isJson: options.json, isEvent: true }
      finish(await seed([torrent, path, ...more], options).catch((error) => reportFailure(error, manner)))
    },
  )
}

function addShow(program: Command, finish: Finish): void {
  const command = program.command('show').description('say what is in a torrent')
  addDhtOptions(command)
    .argument('<source>', SOURCE)
    .option(
      '--peer <host:port>',
      'a peer to ask for what a magnet link stands for (repeatable)',
      repeated(hostPort),
    )
    .addOption(encryptionOption())
    .option('--no-trackers', 'ask no tracker')
    .option('--allow-private', ALLOW_PRIVATE)
    .option('--no-lsd', 'find no peers on the local network, and do not announce there')
    .option('--no-pex', 'hear of no peers from peers')
    .option('--timeout <duration>', 'give up when nothing came in for so long', duration(1))
    .option('--json', 'one JSON object on standard output')
    .action(async (source: string, options: ShowOptions) => {
      const { show } = await import('./show.js')
      const manner = { subject: source, isJson: options.json }
      finish(await show(source, options).catch((error) => reportFailure(error, manner)))
    })
}

function addVerify(program: Command, finish: Finish): void {
  program
    .command('verify')
    .description('hash what is on disk')
    .argument('<torrent>', TORRENT)
    .argument('<dir>', 'the folder that get was told to write to')
    .option('--select <glob|number>', 'only these files; see show (repeatable)', repeated(fileSelector))
    .option('--workers <n>', 'threads that hash', wholeNumber(1, 64))
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'no progress and no report, only errors')
    .action(async (source: string, folder: string, options: VerifyCommandOptions) => {
      const { verify } = await import('./verify.js')
      const manner = { subject: source, isJson: options.json }
      finish(await verify(source, folder, options).catch((error) => reportFailure(error, manner)))
    })
}

function addCreate(program: Command, finish: Finish): void {
  const command = program
    .command('create')
    .description('make a .torrent of a file or folder')
    .argument('<path>', 'the file or folder to share')
  addCreateOptions(command).action(async (path: string, options: CreateCommandOptions) => {
    const { create } = await import('./create.js')
    const manner = { isJson: options.json }
    finish(await create(path, options).catch((error) => reportFailure(error, manner)))
  })
}

function addTracker(program: Command, finish: Finish): void {
  const command = program.command('tracker').description('bring peers together, and hand out .torrent files')
  addTrackerOptions(command).action(async (options: TrackerOptions) => {
    const { tracker } = await import('./tracker.js')
    finish(await tracker(options).catch((error) => reportFailure(error, { isJson: options.json })))
  })
}

/** Without a command, commander has printed the help; everything else is one line. */
function reportUsage(error: CommanderError, isJson: boolean): ExitCode {
  if (error.code === 'commander.help') return EXIT.usage
  return reportFailure(new OptionError('BAD_OPTION', error.message.replace(/^error: /, '')), { isJson })
}
