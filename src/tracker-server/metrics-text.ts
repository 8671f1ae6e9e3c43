/** The tracker's numbers in the text format of Prometheus, version 0.0.4. */
import type { TrackerStats } from './tracker-stats.js'

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Value = readonly [labels: string, value: number]

export function metricsText(stats: TrackerStats): string {
  const { http, udp, process } = stats
  const lines = [
    metric('gauge', 'swarms', 'Swarms known.', [['', stats.swarmCount]]),
    metric('gauge', 'peers', 'Peers known, by what they have.', [
      ['{kind="seed"}', stats.seedCount],
      ['{kind="leecher"}', stats.leecherCount],
    ]),
    metric('gauge', 'peer_addresses', 'Peers known, by the family of their addresses.', [
      ['{family="ipv4"}', stats.ipv4PeerCount],
      ['{family="ipv6"}', stats.ipv6PeerCount],
    ]),
    metric('gauge', 'table_bytes', 'Memory of the tables of swarms and peers.', [['', stats.tableBytes]]),
    metric('gauge', 'catalogue_torrents', 'Torrents in the catalogue.', [['', stats.catalogueCount]]),
    metric('counter', 'announces_total', 'Announces answered.', perFront(http.announces, udp.announces)),
    metric('counter', 'scrapes_total', 'Scrapes answered.', perFront(http.scrapes, udp.scrapes)),
    metric('counter', 'errors_total', 'Requests answered with a reason.', perFront(http.errors, udp.errors)),
    metric('counter', 'udp_connects_total', 'Connection ids given out.', [['', udp.connects]]),
    metric('counter', 'udp_ignored_total', 'Datagrams left without an answer.', [['', udp.ignored]]),
    metric('gauge', 'uptime_seconds', 'Time since the start.', [['', stats.uptimeSeconds]]),
    metric('gauge', 'processes', 'Processes that share the work.', [['', process.count]]),
    metric('gauge', 'resident_memory_bytes', 'Memory of all processes.', [['', process.residentBytes]]),
    metric('counter', 'cpu_seconds_total', 'CPU time of all processes.', [
      ['{mode="user"}', process.cpuUserSeconds],
      ['{mode="system"}', process.cpuSystemSeconds],
    ]),
  ]
  return lines.join('')
}

function perFront(http: number, udp: number): Value[] {
  return [
    ['{front="http"}', http],
    ['{front="udp"}', udp],
  ]
}

function metric(type: 'gauge' | 'counter', name: string, help: string, values: readonly Value[]): string {
  const full = `swarmfetch_tracker_${name}`
  const samples = values.map(([labels, value]) => `${full}${labels} ${value}\n`)
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${samples.join('')}`
}
