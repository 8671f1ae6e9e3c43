import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TrackerError, type TrackerFault } from '../../src/core/errors.js'
import { type Family, NO_ADDRESS } from '../../src/net/look-up.js'
import type { Announce, AnnounceAnswer, AnnounceRequest } from '../../src/tracker/announce.js'
import { Announcer } from '../../src/tracker/announcer.js'
import { overBothFamilies } from '../../src/tracker/both-families.js'
import { TestTorrent } from '../kit/announcing.js'
import { HandClock } from '../kit/hand-clock.js'

const TRACKER = new URL('udp://t.example:1')
const REQUEST = {} as AnnounceRequest
const { signal: NEVER } = new AbortController()

function answerWith(host: string): AnnounceAnswer {
  const counts = { trackerId: undefined, warning: undefined, seedCount: 0, leecherCount: 0 }
  return { peers: [{ host, port: 1 }], intervalMs: 1_800_000, minIntervalMs: 60_000, ...counts }
}

interface Settle {
  resolve(host: string): void
  reject(error: Error): void
  reach(): void
}

/** Answers and failures are given by the test, by family. */
class Legs {
  readonly #settle = new Map<Family, Settle>()
  readonly events: string[] = []
  readonly announce: Announce = overBothFamilies((family) => async (_, { event }, signal, onSent) => {
    this.events.push(`${event} ${family}`)
    const host = await new Promise<string>((resolve, reject) => {
      this.#settle.set(family, { resolve, reject, reach: onSent! })
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    return answerWith(host)
  })

  /** The tracker may have heard it. */
  reach(family: Family): void {
    this.#settle.get(family)!.reach()
  }

  answer(family: Family, host: string): void {
    this.reach(family)
    this.#settle.get(family)!.resolve(host)
  }

  fail(family: Family, code: TrackerFault, cause?: Error): void {
    this.#settle.get(family)!.reject(new TrackerError(code, code, { cause }))
  }
}

test('the first answer counts, and what the other family brings comes later', async () => {
  for (const [first, second] of [
    [4, 6],
    [6, 4],
  ] as const) {
    const legs = new Legs()
    const announcing = legs.announce(TRACKER, REQUEST, NEVER)
    legs.answer(first, 'first')
    const answer = await announcing
    assert.deepEqual(answer.peers, [{ host: 'first', port: 1 }])
    legs.answer(second, 'second')
    assert.deepEqual(await answer.later, [{ host: 'second', port: 1 }])
  }
})

test('one family that fails takes nothing from the other', async () => {
  for (const [failing, other] of [
    [4, 6],
    [6, 4],
  ] as const) {
    const legs = new Legs()
    const announcing = legs.announce(TRACKER, REQUEST, NEVER)
    legs.fail(failing, 'REFUSED')
    legs.answer(other, 'other')
    const answer = await announcing
    assert.deepEqual(answer.peers, [{ host: 'other', port: 1 }])
    assert.deepEqual(await answer.later, [])
  }
})

test('when both fail, it is told what says most', async () => {
  const missing = Object.assign(new Error('none'), { code: NO_ADDRESS })
  const failureOf = async (fail: (legs: Legs) => void) => {
    const legs = new Legs()
    const announcing = legs.announce(TRACKER, REQUEST, NEVER)
    fail(legs)
    const error: unknown = await announcing.catch((reason: unknown) => reason)
    assert.ok(error instanceof TrackerError)
    return error.code
  }
  const missingThen = (code: TrackerFault) => (legs: Legs) => {
    legs.fail(4, 'UNREACHABLE', missing)
    legs.fail(6, code)
  }
  assert.equal(await failureOf(missingThen('FORBIDDEN_ADDRESS')), 'FORBIDDEN_ADDRESS')
  assert.equal(await failureOf(missingThen('REFUSED')), 'REFUSED')
  assert.equal(
    await failureOf((legs) => {
      legs.fail(4, 'UNREACHABLE')
      legs.fail(6, 'TIMEOUT')
    }),
    'TIMEOUT',
  )
  assert.equal(await failureOf(missingThen('UNREACHABLE')), 'UNREACHABLE')
  assert.equal(
    await failureOf((legs) => {
      legs.fail(6, 'TIMEOUT')
      legs.fail(4, 'REFUSED')
    }),
    'REFUSED',
  )
})

/** A torrent with one such tracker. */
function run(legs: Legs) {
  const torrent = new TestTorrent()
  const clock = new HandClock()
  const announcer = new Announcer({
    tiers: [[TRACKER.href]],
    infoHash: new Uint8Array(20),
    peerId: new Uint8Array(20),
    port: 6881,
    torrent,
    transports: new Map([['udp:', legs.announce]]),
    clock,
    after: clock.after,
  })
  announcer.run().catch(() => {})
  return { torrent, clock, announcer }
}

test('the torrent gets the peers of both families, the later ones too', async () => {
  const legs = new Legs()
  const { torrent, announcer } = run(legs)
  legs.answer(6, 'first')
  await torrent.answers.next()
  legs.answer(4, 'second')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    torrent.peers.map(({ host }) => host),
    ['first', 'second'],
  )
  await announcer.stop(10)
})

test('both families hear the end, and the one that is silent does not hold it up for long', async () => {
  const legs = new Legs()
  const { torrent, announcer } = run(legs)
  legs.reach(6)
  legs.answer(4, 'first')
  await torrent.answers.next()
  const stopping = announcer.stop(50)
  await new Promise((resolve) => setImmediate(resolve))
  legs.answer(4, 'first')
  await stopping
  assert.deepEqual(legs.events, ['started 4', 'started 6', 'stopped 4', 'stopped 6'])
})

test('where the tracker was never reached it hears no end, and nobody waits for it', async () => {
  const legs = new Legs()
  const { torrent, announcer } = run(legs)
  legs.answer(4, 'first')
  await torrent.answers.next()
  const stopping = announcer.stop(3_600_000)
  await new Promise((resolve) => setImmediate(resolve))
  legs.answer(4, 'first')
  await stopping
  assert.deepEqual(legs.events, ['started 4', 'started 6', 'stopped 4'])
})

test('the next announce ends what the last one still waits for', async () => {
  const legs = new Legs()
  const { torrent, announcer, clock } = run(legs)
  for (const host of ['first', 'second', 'third']) {
    legs.answer(4, host)
    await torrent.answers.next()
    clock.pass(1_800_000)
  }
  assert.equal(torrent.failures.all.length, 0)
  assert.equal(torrent.peers.length, 3)
  await announcer.stop(10)
})
