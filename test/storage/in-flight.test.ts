import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OptionError } from '../../src/core/errors.js'
import { InFlight } from '../../src/storage/in-flight.js'

test('closing waits for calls under way, however they end', async () => {
  const calls = new InFlight('thing')
  const log: string[] = []
  let end!: () => void
  const slow = calls.run(() => new Promise<void>((resolve) => (end = resolve))).then(() => log.push('slow'))
  const failing = calls.run(() => Promise.reject(new Error('failed')))
  const closing = calls.close().then(() => log.push('closed'))
  await assert.rejects(failing, /failed/)
  assert.deepEqual(log, [])
  end()
  await Promise.all([slow, closing])
  assert.deepEqual(log, ['slow', 'closed'])
})

test('a closed one refuses calls and names itself', async () => {
  const calls = new InFlight('thing')
  calls.throwIfClosed()
  await calls.close()
  assert.throws(() => calls.throwIfClosed(), OptionError)
  await assert.rejects(
    calls.run(async () => 1),
    (error: unknown) =>
      error instanceof OptionError && error.code === 'CLOSED' && /thing/.test(error.message),
  )
})
