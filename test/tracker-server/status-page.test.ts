import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsText } from '../../src/tracker-server/metrics-text.js'
import { RateHistory } from '../../src/tracker-server/rate-history.js'
import { ratePlot } from '../../src/tracker-server/rate-plot.js'
import { statusPage } from '../../src/tracker-server/status-page.js'
import { surveySwarms } from '../../src/tracker-server/swarm-survey.js'
import type { TrackerStats } from '../../src/tracker-server/tracker-stats.js'
import { announceOf, sampleRegistry } from './sample-tracker.js'

const stats: TrackerStats = {
  uptimeSeconds: 61,
  swarmCount: 2,
  seedCount: 3,
  leecherCount: 4,
  ipv4PeerCount: 5,
  ipv6PeerCount: 2,
  tableBytes: 2_048,
  http: { announces: 10, scrapes: 1, errors: 2 },
  udp: { connects: 4, announces: 20, scrapes: 0, errors: 0, ignored: 6 },
  process: { count: 2, residentBytes: 1e8, cpuUserSeconds: 1.5, cpuSystemSeconds: 0.5 },
  catalogueCount: 1,
  announceRates: [0, 12.5, 3],
  rateStepSeconds: 10,
  swarms: [
    { infoHash: 'ab'.repeat(20), name: `<script>"'&`, seeds: 3, leechers: 4, completed: 5 },
    { infoHash: 'cd'.repeat(20), name: undefined, seeds: 0, leechers: 0, completed: 0 },
  ],
}

test('the page shows swarms and counts, and names cannot leave their place in it', () => {
  const page = statusPage(stats, 360)
  assert.match(page, /&#60;script&#62;&#34;&#39;&#38;/)
  assert.doesNotMatch(page, /<script/)
  assert.match(page, /<td>3<td>4<td>5/)
  assert.match(page, /<polyline points="[\d., ]+"/)
})

test('the newest rate is at the right edge, and the highest near the top', () => {
  const points = /points="([^"]*)"/.exec(ratePlot([0, 10, 5], 11, { width: 100, height: 114 }))?.[1]
  assert.equal(points, '80.0,114.0 90.0,14.0 100.0,64.0')
  assert.match(ratePlot([], 1, { width: 10, height: 10 }), /points=""/)
})

test('the history keeps so many rates, the newest last', () => {
  const history = new RateHistory(3, 0)
  assert.deepEqual(history.rates(), [])
  for (const [at, total] of [10, 30, 30, 70].entries()) history.add(total, (at + 1) * 10_000)
  assert.deepEqual(history.rates(), [2, 0, 4])
})

test('metrics have the form that Prometheus reads', () => {
  const lines = metricsText(stats).trimEnd().split('\n')
  for (const line of lines) {
    assert.match(
      line,
      /^# (HELP|TYPE) swarmfetch_tracker_\w+ .+$|^swarmfetch_tracker_\w+(\{\w+="\w+"\})? [\d.e+-]+$/,
    )
  }
  assert.ok(lines.includes('swarmfetch_tracker_announces_total{front="udp"} 20'))
  assert.ok(lines.includes('swarmfetch_tracker_peers{kind="leecher"} 4'))
})

test('the survey counts all and describes the largest, largest first', () => {
  const registry = sampleRegistry()
  for (let torrent = 1; torrent <= 50; torrent++) {
    for (let host = 1; host <= torrent; host++) {
      registry.announce(announceOf({ torrent, host, isSeed: host === 1 }), 1)
    }
  }
  const survey = surveySwarms(registry, 3)
  assert.deepEqual([survey.seedCount, survey.leecherCount], [50, 1_225])
  assert.deepEqual(
    survey.swarms.map(({ infoHash, seeds, leechers }) => [infoHash.slice(0, 2), seeds, leechers]),
    [
      ['32', 1, 49],
      ['31', 1, 48],
      ['30', 1, 47],
    ],
  )
})
