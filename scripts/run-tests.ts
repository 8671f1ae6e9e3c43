/**
 * Runs the compiled tests with Node's own runner and hands on its exit code. Arguments choose files: each is a
 * part of a path (`npm test -- picker`). A test that hangs is failed by the runner; a selection that matches
 * nothing fails too, so that a typing error never looks like success.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'

/**
 * For a test, and for all of a file. Other people's programs wait for their own timers: transmission can take
 * 80 seconds to meet a peer. Four minutes mean that something hangs.
 */
const TIMEOUT_MS = 240_000

/** Test files at once. More than this starve each other of processor time and run into time-outs. */
const CONCURRENCY = Math.min(4, availableParallelism())

const testFolder = join(import.meta.dirname, '..', 'test')
const files = selectTests(process.argv.slice(2))
if (files.length === 0) {
  console.error(`no test matches ${process.argv.slice(2).join(' ')}`)
  process.exitCode = 1
} else {
  process.exitCode = await runTests(files)
}

function selectTests(patterns: readonly string[]): string[] {
  const paths = readdirSync(testFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js'))
    .map((path) => path.replaceAll('\\', '/'))
  const chosen =
    patterns.length === 0 ? paths : paths.filter((path) => patterns.some((p) => path.includes(p)))
  return chosen.sort().map((path) => relative('.', join(testFolder, path)))
}

function runTests(paths: readonly string[]): Promise<number> {
  const flags = [`--test-timeout=${TIMEOUT_MS}`, `--test-concurrency=${CONCURRENCY}`, '--test-reporter=spec']
  const runner = spawn(process.execPath, ['--test', ...flags, ...paths], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    runner.once('error', reject)
    runner.once('exit', (code) => resolve(code ?? 1))
  })
}
