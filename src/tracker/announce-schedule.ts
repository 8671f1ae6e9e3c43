/**
 * When to announce to which tracker. Pure: the same times and the same dice give the same decision.
 *
 * Trackers that serve us are asked again at their interval, or at their min interval while peers are lacking.
 * As long as none serves us, or more peers are wanted, the door is opened to further trackers one by one in the
 * order of BEP 12: at once when the last one failed, and after STAGGER_MS when it has not answered, without
 * giving up on it, so that dead trackers cost seconds and not their whole time-out.
 */
import type { Random } from '../core/clock.js'

/** What is known about one tracker's past and future; all times are of one monotonic clock. */
export interface TrackerTimes {
  /** How its last finished announce ended. */
  readonly phase: 'untried' | 'serving' | 'failing'
  /** When the announce that is under way started. */
  readonly askedAtMs: number | undefined
  /** When it last sent peers. */
  readonly gavePeersAtMs: number
  /** The next announce. */
  readonly dueAtMs: number
  /** The next announce while peers are lacking. */
  readonly soonestAtMs: number
  /** In a row. */
  readonly failureCount: number
}

export const UNTRIED: TrackerTimes = {
  phase: 'untried',
  askedAtMs: undefined,
  gavePeersAtMs: Number.NEGATIVE_INFINITY,
  dueAtMs: Number.NEGATIVE_INFINITY,
  soonestAtMs: Number.NEGATIVE_INFINITY,
  failureCount: 0,
}

export function whenAsked(times: TrackerTimes, nowMs: number): TrackerTimes {
  return { ...times, askedAtMs: nowMs }
}

export interface AnswerTimes {
  readonly intervalMs: number
  readonly minIntervalMs: number
  readonly peers: { readonly length: number }
}

export function whenAnswered(times: TrackerTimes, answer: AnswerTimes, nowMs: number): TrackerTimes {
  return {
    phase: 'serving',
    askedAtMs: undefined,
    gavePeersAtMs: answer.peers.length > 0 ? nowMs : times.gavePeersAtMs,
    dueAtMs: nowMs + answer.intervalMs,
    soonestAtMs: nowMs + answer.minIntervalMs,
    failureCount: 0,
  }
}

/**
 * The pause doubles with each failure up to a limit, give or take a quarter so that clients do not come as one, and is
 * no shorter than the tracker asks for.
 */
export function whenFailed(
  times: TrackerTimes,
  nowMs: number,
  random: Random,
  retryAfterMs = 0,
): TrackerTimes {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** times.failureCount)
  const retryAtMs = nowMs + Math.max(retryAfterMs, pauseMs * (0.75 + random() / 2))
  return {
    ...times,
    phase: 'failing',
    askedAtMs: undefined,
    dueAtMs: retryAtMs,
    soonestAtMs: retryAtMs,
    failureCount: times.failureCount + 1,
  }
}

/** There is something to tell it: its next announce is due at once. */
export function whenThereIsNews(times: TrackerTimes): TrackerTimes {
  return { ...times, dueAtMs: Number.NEGATIVE_INFINITY }
}

export interface ScheduleView {
  readonly nowMs: number
  /** There is room for more peers. */
  readonly wantsPeers: boolean
  /** There are too few to go on with. */
  readonly lacksPeers: boolean
}

interface Scheduled {
  readonly times: TrackerTimes
}

/** Those to announce to now, out of all, which come in the order to try them. */
export function chooseTrackers<T extends Scheduled>(trackers: readonly T[], view: ScheduleView): T[] {
  const chosen = trackers.filter(({ times }) => times.phase === 'serving' && isDue(times, view))
  if (chosen.length === 0 && mayOpen(trackers, view)) {
    const next = firstToOpen(trackers, view)
    if (next !== undefined) chosen.push(next)
  }
  return chosen
}

/** How long nothing will change by itself, in milliseconds; short enough to notice that peers are lacking. */
export function idleMs(trackers: readonly Scheduled[], nowMs: number): number {
  let next = nowMs + RECHECK_MS
  for (const { times } of trackers) {
    for (const at of turningPoints(times)) if (at > nowMs && at < next) next = at
  }
  return next - nowMs
}

/** Without an answer for so long, a tracker no longer keeps the next from being asked. */
const STAGGER_MS = 1_500
/** Time to connect to the peers that a tracker gave before asking a further one for more. */
const SETTLE_MS = 5_000
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 30 * 60_000
const RECHECK_MS = 5_000

function isDue(times: TrackerTimes, view: ScheduleView): boolean {
  if (times.askedAtMs !== undefined) return false
  return view.nowMs >= times.dueAtMs || (view.lacksPeers && view.nowMs >= times.soonestAtMs)
}

function mayOpen(trackers: readonly Scheduled[], view: ScheduleView): boolean {
  if (!view.wantsPeers && trackers.some(({ times }) => times.phase === 'serving')) return false
  return trackers.every(({ times }) => {
    const isFresh = times.askedAtMs !== undefined && view.nowMs < times.askedAtMs + STAGGER_MS
    return !isFresh && view.nowMs >= times.gavePeersAtMs + SETTLE_MS
  })
}

/** Those never tried come before those that failed. */
function firstToOpen<T extends Scheduled>(trackers: readonly T[], view: ScheduleView): T | undefined {
  const due = trackers.filter(({ times }) => times.phase !== 'serving' && isDue(times, view))
  return due.find(({ times }) => times.phase === 'untried') ?? due[0]
}

function turningPoints(times: TrackerTimes): number[] {
  const settledAtMs = times.gavePeersAtMs + SETTLE_MS
  if (times.askedAtMs !== undefined) return [times.askedAtMs + STAGGER_MS, settledAtMs]
  return [times.dueAtMs, times.soonestAtMs, settledAtMs]
}
