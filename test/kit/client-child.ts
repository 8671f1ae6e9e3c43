/** The program that {@link startChild} runs: one torrent until it is told to stop. It never calls `process.exit`. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Client } from '../../src/client/client.js'
import type { ClientChildPlan } from './running-child.js'

const { torrentPath, clientOptions, torrentOptions } = JSON.parse(process.argv[2]!) as ClientChildPlan

function say(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}

process.on('uncaughtException', (error) => say({ escaped: String(error) }))
process.on('unhandledRejection', (reason) => say({ escaped: String(reason) }))

/** Of the process itself: its standard streams, and modules that it has just read. */
const STANDARD = ['PipeWrap', 'CloseReq']

const client = new Client({ workers: 1, port: 0, dht: false, lsd: false, ...clientOptions })
const torrent = await client.add(torrentPath, { useTrackers: false, ...torrentOptions })
say({ port: client.port })
const timer = setInterval(() => say(torrent.progress()), 20)
process.stdin.once('data', (order) => {
  const word = order.toString().trim()
  if (word === 'close') void client.close()
  else void torrent.stop()
})
await torrent.ended
clearInterval(timer)
process.stdin.destroy()
say(torrent.progress())
await client.close()
// Handles that were closed just now are listed until the event loop has come round.
await nextTurn()
await nextTurn()
say({ leftOpen: process.getActiveResourcesInfo().filter((name) => !STANDARD.includes(name)) })
