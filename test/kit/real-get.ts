import type { TestContext } from 'node:test'
import { CliProcess } from './cli-process.js'

/** `swarmfetch get --json`. */
export class RealGet extends CliProcess {
  /** The arguments of `get` except `--json`. `prefix`: words that run a command somewhere else. */
  constructor(t: TestContext, args: readonly string[], prefix?: readonly string[]) {
    super(t, ['get', ...args], prefix)
  }
}
