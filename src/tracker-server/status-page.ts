/**
 * The tracker's front page, for people: one small document without scripts, everything from outside
 * escaped.
 */
import { formatBytes, formatDuration } from '../core/units.js'
import { ratePlot, rateText } from './rate-plot.js'
import type { SwarmStats, TrackerStats } from './tracker-stats.js'

const PLOT = { width: 640, height: 120 } as const

/** The plot has room for so many rates. */
export function statusPage(stats: TrackerStats, plotSlots: number): string {
  const { swarms, announceRates } = stats
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>swarmfetch tracker</title>
<style>${STYLE}</style>
<h1>swarmfetch tracker</h1>
<dl>${factList(stats)}</dl>
<h2>Announces per second, now ${rateText(announceRates.at(-1) ?? 0)}</h2>
${ratePlot(announceRates, plotSlots, PLOT)}
<h2>${swarms.length < stats.swarmCount ? `The ${swarms.length} largest swarms` : 'Swarms'}</h2>
<table>
<tr><th>torrent<th>seeds<th>leechers<th>completed</tr>
${swarms.map(swarmRow).join('\n')}
</table>
<p>
<a href="/stats.json">stats.json</a> · <a href="/metrics">metrics</a> · <a href="/torrents">catalogue</a>
</p>
</html>
`
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `body{font:15px system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
dl{display:grid;grid-template-columns:max-content auto;gap:.2rem 1rem}dd{margin:0}
table{border-collapse:collapse;width:100%}
th,td{text-align:right;padding:.2rem .5rem;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}code{font-size:12px}svg{max-width:100%}`

function factList(stats: TrackerStats): string {
  const { http, udp } = stats
  const facts: readonly (readonly [string, string])[] = [
    ['torrents', String(stats.swarmCount)],
    ['peers', `${stats.seedCount} seeds, ${stats.leecherCount} leechers`],
    ['addresses', `${stats.ipv4PeerCount} IPv4, ${stats.ipv6PeerCount} IPv6`],
    ['announces', `${http.announces} by HTTP, ${udp.announces} by UDP`],
    ['memory of the tables', formatBytes(stats.tableBytes)],
    ['catalogue', `${stats.catalogueCount} torrents`],
    ['up for', formatDuration(stats.uptimeSeconds)],
  ]
  return facts.map(([name, value]) => `<dt>${name}<dd>${value}`).join('')
}

function swarmRow({ infoHash, name, seeds, leechers, completed }: SwarmStats): string {
  const link = name === undefined ? '' : `${catalogueLink(name)} `
  return `<tr><td>${link}<code>${infoHash}</code><td>${seeds}<td>${leechers}<td>${completed}</tr>`
}

function catalogueLink(name: string): string {
  return `<a href="/torrents/${escapeHtml(encodeURIComponent(name))}">${escapeHtml(name)}</a>`
}
