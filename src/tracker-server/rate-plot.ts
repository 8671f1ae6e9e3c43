/** A line over time as an SVG picture of its own: no script, no other file. */
export interface PlotShape {
  readonly width: number
  readonly height: number
}

/** The values oldest first; the newest is at the right edge, wherever the oldest are. */
export function ratePlot(values: readonly number[], slots: number, { width, height }: PlotShape): string {
  const most = Math.max(1, ...values)
  const step = width / Math.max(1, slots - 1)
  const points = values.map((value, at) => {
    const x = width - (values.length - 1 - at) * step
    return `${x.toFixed(1)},${(height - (value / most) * (height - 14)).toFixed(1)}`
  })
  return (
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
    `aria-label="announces per second"><polyline points="${points.join(' ')}" fill="none" ` +
    `stroke="currentColor" stroke-width="1.5"/>` +
    `<text x="0" y="10" font-size="10">${rateText(most)}/s</text></svg>`
  )
}

export function rateText(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toFixed(1)
}
