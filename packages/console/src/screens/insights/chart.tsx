/**
 * Bars over time, one idea each: zero-based, the last bar's series named beside it, no legend, no motion. The numbers
 * stand in words below every chart, and in a table for readers.
 * @module
 */
import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import { Bar, BarChart, ResponsiveContainer, XAxis, YAxis } from "recharts"

/** One series of a chart. */
export interface Series {
  readonly key: string
  /** Its direct label. */
  readonly name: string
  /** Of the Okabe-Ito palette, by its place: distinct also without red or green. */
  readonly colour: 0 | 1 | 2
}

/** A point: its place in words, and a count of each series. */
export type Point = Readonly<Record<string, number | string>> & { readonly at: string }

/** What {@link Bars} draws. */
export interface BarsProps {
  /** Names the chart for readers. */
  readonly label: string
  readonly points: readonly Point[]
  readonly series: readonly Series[]
  /** Whether the series stand on one another; else side by side. */
  readonly stacked?: boolean
}

/** Draws bars. */
export function Bars({ label, points, series, stacked = false }: BarsProps): ReactNode {
  return (
    <figure className="insights-chart">
      <figcaption className="insights-labels" aria-hidden="true">
        {series.length > 1 &&
          series.map(({ key, name, colour }) => (
            <span key={key}>
              <svg width="10" height="10" aria-hidden="true">
                <rect width="10" height="10" fill={`var(--chart-${colour})`} />
              </svg>{" "}
              {name}
            </span>
          ))}
      </figcaption>
      <div aria-hidden="true">
        <ResponsiveContainer width="100%" height={180}>
          <BarChart
            data={points.map((point) => ({ ...point }))}
            margin={{ top: 4, right: 0, bottom: 0, left: 0 }}
            accessibilityLayer={false}
          >
            <XAxis
              dataKey="at"
              tickLine={false}
              axisLine={{ stroke: "var(--line)" }}
              tick={{ fill: "var(--ink-2)", fontSize: 12 }}
              minTickGap={32}
            />
            <YAxis
              allowDecimals={false}
              width={36}
              tickLine={false}
              axisLine={false}
              tick={{ fill: "var(--ink-2)", fontSize: 12 }}
            />
            {series.map(({ key, colour }) => (
              <Bar
                key={key}
                dataKey={key}
                fill={`var(--chart-${colour})`}
                isAnimationActive={false}
                {...compact({ stackId: stacked ? "all" : undefined })}
              />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <table className="insights-table">
        <caption>{label}</caption>
        <thead>
          <tr>
            <td />
            {series.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.at}>
              <th scope="row">{point.at}</th>
              {series.map(({ key }) => (
                <td key={key}>{point[key]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
