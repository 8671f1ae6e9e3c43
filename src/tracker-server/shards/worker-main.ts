/**
 * The program of a worker's process. It does what the first process says, and ends when that lets go of it, however
 * that comes; signals are for the first process alone.
 */
import type { SendHandle } from 'node:child_process'
import type { Socket as DatagramSocket } from 'node:dgram'
import type { Server } from 'node:net'
import { TrackerWorker } from './tracker-worker.js'
import type { FromWorker, ToWorker } from './worker-messages.js'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.exit(0))

let worker: TrackerWorker | undefined
const adding: Promise<void>[] = []

process.on('message', (message: ToWorker, socket: SendHandle) => {
  heed(message, socket).catch((error: Error) => {
    tell({ kind: 'failed', message: error.message })
  })
})

async function heed(message: ToWorker, socket: SendHandle): Promise<void> {
  switch (message.kind) {
    case 'setup':
      worker = new TrackerWorker(message)
      await worker.load()
      return tell({ kind: 'ready' })
    case 'socket':
      // At once: until it is added nobody answers on it here.
      adding.push(worker!.add(socket as Server | DatagramSocket))
      return
    case 'serve':
      await Promise.all(adding)
      worker!.serve()
      return tell({ kind: 'serving' })
  }
}

function tell(message: FromWorker): void {
  process.send?.(message)
}
