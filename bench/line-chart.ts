/** Draws one SVG of line charts under each other, readable on a light and on a dark page. */

export interface Series {
  readonly name: string
  /** One for each place on the axis; undefined leaves a gap. */
  readonly values: readonly (number | undefined)[]
}

export interface Chart {
  readonly title: string
  /** What the horizontal axis shows, and its places at equal distances. */
  readonly axis: string
  readonly places: readonly string[]
  readonly unit: string
  readonly series: readonly Series[]
}

const WIDTH = 760
const LEGEND_HEIGHT = 44
const CHART_HEIGHT = 330
/** Free space around the lines inside a chart. */
const MARGIN = { top: 44, right: 24, bottom: 52, left: 64 }
const PLOT_WIDTH = WIDTH - MARGIN.left - MARGIN.right
const PLOT_HEIGHT = CHART_HEIGHT - MARGIN.top - MARGIN.bottom

/** The first series stands out; the others stay apart for colour-blind eyes too. */
const COLOURS = ['#1f6feb', '#d97706', '#be185d', '#0d9488', '#64748b', '#8b5cf6']

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.quiet { fill: #6e7781; font-size: 12px }
.grid { stroke: #d0d7de; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .quiet { fill: #8b949e } .grid { stroke: #30363d }
}`

/** All charts share the legend of the first. Charts without places are left out. */
export function drawCharts(charts: readonly Chart[]): string {
  const drawn = charts.filter((chart) => chart.places.length > 0)
  const height = LEGEND_HEIGHT + drawn.length * CHART_HEIGHT
  const parts = drawn.map((chart, i) => drawChart(chart, LEGEND_HEIGHT + i * CHART_HEIGHT))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    `<style>${STYLE}</style>`,
    drawLegend(drawn[0]?.series ?? []),
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function drawLegend(series: readonly Series[]): string {
  const step = PLOT_WIDTH / Math.max(1, series.length)
  const entries = series.map(({ name }, i) => {
    const x = MARGIN.left + i * step
    const line = `<line x1="${x}" y1="24" x2="${x + 18}" y2="24" ${stroke(i)}/>`
    return `${line}<text x="${x + 24}" y="28">${escapeText(name)}</text>`
  })
  return entries.join('\n')
}

function drawChart(chart: Chart, top: number): string {
  const values = chart.series.flatMap((series) => series.values.filter((v) => v !== undefined))
  const step = roundStep(Math.max(1, ...values) / 4)
  const highest = step * Math.ceil(Math.max(1, ...values) / step)
  const x = (place: number) => MARGIN.left + ((place + 0.5) / chart.places.length) * PLOT_WIDTH
  const y = (value: number) => MARGIN.top + PLOT_HEIGHT * (1 - value / highest)
  return [
    `<g transform="translate(0 ${top})">`,
    `<text class="title" x="${MARGIN.left}" y="20">${escapeText(chart.title)}</text>`,
    ...Array.from({ length: Math.round(highest / step) + 1 }, (_, i) => drawGridLine(i * step, y(i * step))),
    `<text class="quiet" x="${MARGIN.left - 8}" y="20" text-anchor="end">${escapeText(chart.unit)}</text>`,
    ...chart.places.map((place, i) => centred(escapeText(place), x(i), CHART_HEIGHT - MARGIN.bottom + 20)),
    centred(escapeText(chart.axis), MARGIN.left + PLOT_WIDTH / 2, CHART_HEIGHT - 10),
    // The first series is drawn last, over the others.
    ...chart.series.map((series, i) => drawSeries(series, i, { x, y })).reverse(),
    '</g>',
  ].join('\n')
}

function drawGridLine(value: number, y: number): string {
  const line = `<line class="grid" x1="${MARGIN.left}" y1="${y}" x2="${WIDTH - MARGIN.right}" y2="${y}"/>`
  return `${line}<text class="quiet" x="${MARGIN.left - 8}" y="${y + 4}" text-anchor="end">${value}</text>`
}

interface Scale {
  readonly x: (place: number) => number
  readonly y: (value: number) => number
}

function drawSeries(series: Series, number: number, { x, y }: Scale): string {
  const points = series.values.flatMap((value, i) =>
    value === undefined ? [] : [{ x: x(i), y: y(value), value }],
  )
  const path = points.map((point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`).join(' ')
  const dots = points.map(
    (point) =>
      `<circle cx="${point.x.toFixed(1)}" cy="${point.y.toFixed(1)}" r="${number === 0 ? 4 : 3}" ` +
      `fill="${colour(number)}"><title>${escapeText(series.name)}: ${Math.round(point.value)}</title></circle>`,
  )
  return [`<polyline points="${path}" fill="none" ${stroke(number)}/>`, ...dots].join('\n')
}

function stroke(number: number): string {
  return `stroke="${colour(number)}" stroke-width="${number === 0 ? 3 : 2}" stroke-linejoin="round"`
}

function colour(number: number): string {
  return COLOURS[number % COLOURS.length]!
}

function centred(text: string, x: number, y: number): string {
  return `<text class="quiet" x="${x}" y="${y}" text-anchor="middle">${text}</text>`
}

/** The next of 1, 2, 5, 10, 20, 50... */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least)!
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
