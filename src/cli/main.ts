#!/usr/bin/env node
import { run } from './program.js'
import { guardStandardStreams } from './standard-streams.js'

guardStandardStreams()
process.exitCode = await run(process.argv.slice(2))
