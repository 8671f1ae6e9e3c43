import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AnswerTimes,
  chooseTrackers,
  idleMs,
  type TrackerTimes,
  UNTRIED,
  whenAnswered,
  whenAsked,
  whenFailed,
  whenThereIsNews,
} from '../../src/tracker/announce-schedule.js'

const MIDDLE = () => 0.5
const WITH_PEERS: AnswerTimes = { intervalMs: 1_800_000, minIntervalMs: 60_000, peers: { length: 5 } }
const WITHOUT_PEERS: AnswerTimes = { ...WITH_PEERS, peers: { length: 0 } }

/** Which of these trackers, by number, are announced to now. */
function chosen(
  all: readonly TrackerTimes[],
  nowMs: number,
  wantsPeers = true,
  lacksPeers = wantsPeers,
): number[] {
  const trackers = all.map((times, number) => ({ times, number }))
  return chooseTrackers(trackers, { nowMs, wantsPeers, lacksPeers }).map(({ number }) => number)
}

function answered(atMs: number, answer = WITH_PEERS): TrackerTimes {
  return whenAnswered(whenAsked(UNTRIED, atMs), answer, atMs)
}

function failed(atMs: number, times = UNTRIED): TrackerTimes {
  return whenFailed(whenAsked(times, atMs), atMs, MIDDLE)
}

test('the first tracker is asked first, whether peers are wanted or not', () => {
  assert.deepEqual(chosen([UNTRIED, UNTRIED], 0, true), [0])
  assert.deepEqual(chosen([UNTRIED, UNTRIED], 0, false), [0])
})

test('a silent tracker keeps the next waiting for a second and a half, and is not asked twice', () => {
  const silent = whenAsked(UNTRIED, 1_000)
  assert.deepEqual(chosen([silent, UNTRIED], 2_499), [])
  assert.deepEqual(chosen([silent, UNTRIED], 2_500), [1])
  assert.deepEqual(chosen([silent], 1_000_000), [])
})

test('a failed tracker does not keep the next waiting', () => {
  assert.deepEqual(chosen([failed(1_000), UNTRIED, UNTRIED], 1_000), [1])
})

test('when all trackers are silent, each is tried after the one before', () => {
  let all = Array.from({ length: 6 }, () => UNTRIED)
  const order: number[] = []
  for (
    let nowMs = 0;
    nowMs < 10_000;
    nowMs += idleMs(
      all.map((times) => ({ times })),
      nowMs,
    )
  ) {
    const now = chosen(all, nowMs)
    order.push(...now)
    all = all.map((times, number) => (now.includes(number) ? whenAsked(times, nowMs) : times))
  }
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5])
})

test('one tracker is enough when peers are not wanted', () => {
  assert.deepEqual(chosen([answered(0, WITHOUT_PEERS), UNTRIED], 30_000, false), [])
})

test('a tracker without peers sends us on at once, one with peers after they had time to connect', () => {
  assert.deepEqual(chosen([answered(1_000, WITHOUT_PEERS), UNTRIED], 1_000), [1])
  assert.deepEqual(chosen([answered(1_000), UNTRIED], 5_999), [])
  assert.deepEqual(chosen([answered(1_000), UNTRIED], 6_000), [1])
})

test('a tracker that serves us is asked again at its interval', () => {
  assert.deepEqual(chosen([answered(1_000)], 1_800_999, false), [])
  assert.deepEqual(chosen([answered(1_000)], 1_801_000, false), [0])
})

test('when peers are lacking it is asked again at its min interval, no earlier', () => {
  assert.deepEqual(chosen([answered(1_000)], 60_999, true), [])
  assert.deepEqual(chosen([answered(1_000)], 61_000, true), [0])
})

test('who has some peers takes more, and waits for the interval', () => {
  assert.deepEqual(chosen([answered(1_000)], 1_800_999, true, false), [])
  assert.deepEqual(chosen([answered(1_000)], 1_801_000, true, false), [0])
  assert.deepEqual(chosen([answered(1_000), UNTRIED], 6_000, true, false), [1])
})

test('news is told at once to those it concerns', () => {
  assert.deepEqual(chosen([answered(1_000), whenThereIsNews(answered(1_000)), UNTRIED], 1_001, false), [1])
})

test('the pause after failures doubles up to half an hour, and an answer ends it', () => {
  const pauses: number[] = []
  let times = UNTRIED
  for (let count = 0; count < 10; count++) {
    times = failed(0, times)
    pauses.push(times.dueAtMs / 1000)
  }
  assert.deepEqual(pauses, [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800])
  assert.equal(failed(0, whenAnswered(times, WITH_PEERS, 0)).dueAtMs, 10_000)
  assert.equal(failed(0, { ...times, failureCount: 5_000 }).dueAtMs, 1_800_000)
})

test('the dice move a retry by a quarter at most', () => {
  assert.equal(whenFailed(UNTRIED, 0, () => 0).dueAtMs, 7_500)
  assert.ok(whenFailed(UNTRIED, 0, () => 0.999_999).dueAtMs < 12_500)
})

test('a tracker that wants to be left alone is left alone', () => {
  const retryMs = (retryAfterMs: number) => whenFailed(UNTRIED, 0, MIDDLE, retryAfterMs).dueAtMs
  assert.equal(retryMs(1_000), 10_000)
  assert.equal(retryMs(300_000), 300_000)
  assert.deepEqual(chosen([whenFailed(UNTRIED, 0, MIDDLE, Number.POSITIVE_INFINITY)], 1e15), [])
})

test('a failed tracker is asked again after its pause, but not before those never asked', () => {
  assert.deepEqual(chosen([failed(0)], 9_999), [])
  assert.deepEqual(chosen([failed(0)], 10_000), [0])
  assert.deepEqual(chosen([failed(0), UNTRIED], 10_000), [1])
})

test('a tracker that stops serving us is replaced at once', () => {
  const lost = failed(1_900_000, answered(0))
  assert.deepEqual(chosen([lost, UNTRIED], 1_900_000, false), [1])
})

test('the pause between looks ends when the next thing is due, and never grows long', () => {
  const idle = (times: TrackerTimes, nowMs: number) => idleMs([{ times }], nowMs)
  assert.equal(idle(whenAsked(UNTRIED, 1_000), 1_200), 1_300)
  assert.equal(idle(failed(0), 9_000), 1_000)
  assert.equal(idle(answered(0), 57_000), 3_000)
  assert.equal(idle(answered(0), 100_000), 5_000)
  assert.equal(idleMs([], 0), 5_000)
})
