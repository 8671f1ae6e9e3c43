#!/usr/bin/env node
/** The program `swarmfetch`: the process is made ready, and the rest is `run`. */
import { setFlagsFromString } from 'node:v8'
import { run } from './program.js'
import { guardStandardStreams } from './standard-streams.js'

/*
 * V8 optimises a function after so many bytes of its bytecode have run, in threads that compete with ours. Four
 * times the default spares what runs only a thousand times: a tenth less CPU for a download of 1 GiB.
 */
setFlagsFromString('--interrupt-budget=500000')
guardStandardStreams()
process.exitCode = await run(process.argv.slice(2))
