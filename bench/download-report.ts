/** What the download benchmark found, as the Markdown and the chart of `bench/RESULTS.md`. */
import { cpus, release, type as systemName, totalmem } from 'node:os'
import type { Scenario, Standing } from './contest.js'
import type { Downloader } from './downloaders.js'
import { type Chart, drawCharts } from './line-chart.js'
import type { Cost } from './measure.js'

export interface Result {
  readonly scenario: Scenario
  readonly standings: readonly Standing[]
}

export interface Report {
  readonly payloadBytes: number
  readonly roundCount: number
  readonly downloaders: readonly Downloader[]
  /** In the order of the charts: each is a series of results along one axis. */
  readonly byPieceLength: readonly Result[]
  readonly byPeerCount: readonly Result[]
}

const MIB = 1_048_576
const GIB = 1024 * MIB

/** The whole of RESULTS.md. */
export function renderReport(report: Report, date: Date): string {
  const results = [...report.byPieceLength, ...report.byPeerCount]
  return [
    '# Download benchmark',
    `${date.toISOString().slice(0, 10)}. ${machine()}.`,
    report.downloaders.map(({ name, version }) => `${name} ${version}`).join(' · '),
    explain(report),
    '![Throughput by piece length and by number of peers](results.svg)',
    ...results.map((result) => `## ${title(result)}\n\n${renderTable(result, report.payloadBytes)}`),
  ]
    .join('\n\n')
    .concat('\n')
}

/** The chart beside it. */
export function renderCharts(report: Report): string {
  return drawCharts([
    chart(report, 'Throughput by piece length', 'piece length', report.byPieceLength, (scenario) =>
      showKib(scenario.pieceLengthBytes),
    ),
    chart(report, 'Throughput by number of peers', 'peers', report.byPeerCount, (scenario) =>
      String(scenario.peerCount),
    ),
  ])
}

export function title({ scenario }: Pick<Result, 'scenario'>): string {
  const peers = scenario.peerCount === 1 ? '1 peer' : `${scenario.peerCount} peers`
  const distance = scenario.delayMs === 0 ? '' : `, ${scenario.delayMs} ms away`
  return `${showKib(scenario.pieceLengthBytes)} pieces, ${peers}${distance}`
}

/** Medians over the rounds, and swarmfetch's lead in each round. */
export function renderTable({ standings }: Result, payloadBytes: number): string {
  const own = standings.find(({ downloader }) => downloader.name === 'swarmfetch')
  return [
    '| | MB/s | swarmfetch ÷ this (each round) | CPU s/GiB | peak MiB | loop delay p50, p99 ms |',
    '|---|--:|---|--:|--:|--:|',
    ...standings.map((standing) => renderRow(standing, own, payloadBytes)),
  ].join('\n')
}

function renderRow(standing: Standing, own: Standing | undefined, payloadBytes: number): string {
  const costs = standing.costs.filter((cost) => cost !== undefined)
  const failures = standing.costs.length - costs.length
  const name = `${standing.downloader.name}${failures > 0 ? ` (${failures} of ${standing.costs.length} failed)` : ''}`
  const delays = costs.map((cost) => cost.loopDelay).filter((delay) => delay !== undefined)
  const cells = [
    name,
    show(median(costs.map((cost) => speed(cost, payloadBytes))), 0),
    own === undefined || own === standing ? '' : showLead(own, standing),
    show(median(costs.map((cost) => cost.cpuSeconds / (payloadBytes / GIB))), 2),
    show(median(costs.map((cost) => cost.peakBytes / MIB)), 0),
    delays.length === 0
      ? ''
      : `${show(median(delays.map((d) => d.p50Ms)), 1)}, ${show(median(delays.map((d) => d.p99Ms)), 1)}`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Compares within each round, so that a machine that slows down does not shift the ratio. */
function showLead(own: Standing, other: Standing): string {
  const leads = own.costs.flatMap((cost, round) => {
    const rival = other.costs[round]
    return cost === undefined || rival === undefined ? [] : [rival.wallSeconds / cost.wallSeconds]
  })
  if (leads.length === 0) return ''
  return `${show(median(leads), 2)} (${leads.map((lead) => show(lead, 2)).join(' ')})`
}

function explain({ payloadBytes, roundCount, downloaders }: Report): string {
  const cable = downloaders.filter((downloader) => downloader.needsCable).map(({ name }) => name)
  return [
    `${showKib(payloadBytes / 1)} of random bytes from one seed process (\`bench/seed.ts\`) that listens on one loopback`,
    `address per peer. The programs take turns in each of ${roundCount} rounds, after one that is not counted;`,
    'every result is compared with the payload. Time runs from process start to exit, so that start-up counts.',
    'CPU time covers all threads of the downloader. MB are 10^6 bytes. Made by `npm run bench:download`.',
    ...(cable.length === 0
      ? []
      : [
          `${cable.join(', ')} refuses loopback peers, so it reaches the same seed over a virtual Ethernet cable.`,
        ]),
  ].join('\n')
}

function machine(): string {
  const processors = cpus()
  const memory = `${Math.round(totalmem() / GIB)} GiB of memory`
  return `${processors.length} cores of ${processors[0]?.model.trim() ?? 'unknown'}, ${memory}, ${systemName()} ${release()}`
}

/** One line per downloader along the axis that the results vary. */
function chart(
  report: Report,
  heading: string,
  axis: string,
  results: readonly Result[],
  place: (scenario: Scenario) => string,
): Chart {
  const fixed = results[0]?.scenario
  const rest =
    axis === 'peers' ? `${showKib(fixed?.pieceLengthBytes ?? 0)} pieces` : `${fixed?.peerCount} peers`
  const medianSpeed = (result: Result, name: string) => {
    const costs = result.standings.find((s) => s.downloader.name === name)?.costs ?? []
    return median(costs.filter((c) => c !== undefined).map((cost) => speed(cost, report.payloadBytes)))
  }
  return {
    title: `${heading}, ${rest}`,
    axis,
    places: results.map((result) => place(result.scenario)),
    unit: 'MB/s',
    series: report.downloaders.map(({ name }) => ({
      name,
      values: results.map((r) => medianSpeed(r, name)),
    })),
  }
}

function speed(cost: Cost, payloadBytes: number): number {
  return payloadBytes / 1e6 / cost.wallSeconds
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 || middle === 0
    ? sorted[middle]
    : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function show(value: number | undefined, digits: number): string {
  return value === undefined ? '' : value.toFixed(digits)
}

function showKib(bytes: number): string {
  return bytes < MIB ? `${bytes / 1024} KiB` : `${bytes / MIB} MiB`
}
