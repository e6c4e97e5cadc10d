/**
 * The report's charts as inline SVG: one message each, zero-based, labelled directly, with the figures in words below.
 * @module
 */
import { type Html, html } from "./html.ts"

const WIDTH = 832
const HEIGHT = 200
const MARGIN = { top: 20, right: 8, bottom: 28, left: 48 }

/** One bar. */
export interface Bar {
  readonly label: string
  readonly value: number
}

/** Draws bars side by side, each with its value above where it has one; labels every n-th bar where there are many. */
export function barChart(bars: readonly Bar[], title: string, words: string): Html {
  const highest = Math.max(1, ...bars.map((bar) => bar.value))
  const step = plotWidth() / Math.max(1, bars.length)
  const labelEvery = Math.ceil(bars.length / 16)
  const columns = bars.map(({ label, value }, position) => {
    const x = MARGIN.left + position * step
    const height = (value / highest) * plotHeight()
    const y = MARGIN.top + plotHeight() - height
    const middle = x + step / 2
    return html`<rect class="bar" x="${fixed(x + step * 0.12)}" y="${fixed(y)}" width="${fixed(step * 0.76)}" height="${fixed(height)}"></rect>${
      value > 0 && step >= 16
        ? html`<text class="value" x="${fixed(middle)}" y="${fixed(y - 4)}" text-anchor="middle">${value}</text>`
        : undefined
    }${position % labelEvery === 0 ? html`<text x="${fixed(middle)}" y="${HEIGHT - 10}" text-anchor="middle">${label}</text>` : undefined}`
  })
  return figure(title, words, html`${axis()}${columns}`)
}

/** A point of a curve. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Draws a curve over time; both axes begin at zero. */
export function lineChart(
  points: readonly Point[],
  title: string,
  units: { x: string; y: string; words: string },
): Html {
  const farthest = Math.max(1e-9, ...points.map((point) => point.x))
  const highest = Math.max(1e-9, ...points.map((point) => point.y))
  const path = points
    .map(({ x, y }, position) => {
      const left = MARGIN.left + (x / farthest) * plotWidth()
      const top = MARGIN.top + plotHeight() * (1 - y / highest)
      return `${position === 0 ? "M" : "L"}${fixed(left)} ${fixed(top)}`
    })
    .join("")
  return figure(
    title,
    units.words,
    html`${axis()}<path class="curve" d="${path}"></path>
<text x="${MARGIN.left - 6}" y="${MARGIN.top + 4}" text-anchor="end">${Math.round(highest)}</text>
<text x="${MARGIN.left - 6}" y="${MARGIN.top + plotHeight()}" text-anchor="end">0</text>
<text x="${MARGIN.left}" y="${MARGIN.top - 8}">${units.y}</text>
<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 10}" text-anchor="end">${units.x}</text>`,
  )
}

function figure(title: string, words: string, content: Html): Html {
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}. ${words}">${content}</svg><figcaption>${title}. ${words}</figcaption></figure>`
}

function axis(): Html {
  const y = MARGIN.top + plotHeight()
  return html`<line class="axis" x1="${MARGIN.left}" y1="${y}" x2="${WIDTH - MARGIN.right}" y2="${y}"></line>`
}

function plotWidth(): number {
  return WIDTH - MARGIN.left - MARGIN.right
}

function plotHeight(): number {
  return HEIGHT - MARGIN.top - MARGIN.bottom
}

function fixed(value: number): string {
  return value.toFixed(1)
}
