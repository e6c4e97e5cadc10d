/**
 * Bar charts over time. They start at zero, name each series at its last bar instead of in a legend, and have no
 * animation. Below each chart its numbers are given in words, and in a table for screen readers.
 * @module
 */
import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import { Bar, BarChart, ResponsiveContainer, XAxis, YAxis } from "recharts"

/** A series of a chart. */
export interface Series {
  readonly key: string
  /** Its label in the chart. */
  readonly name: string
  /** Index into the Okabe-Ito palette, which stays distinct with any colour blindness. */
  readonly colour: 0 | 1 | 2
}

/** A point: its label on the time axis, and each series' count. */
export type Point = Readonly<Record<string, number | string>> & { readonly at: string }

/** The data of a bar chart. */
export interface BarsProps {
  /** Accessible name of the chart. */
  readonly label: string
  readonly points: readonly Point[]
  readonly series: readonly Series[]
  /** Whether the series are stacked; otherwise they are side by side. */
  readonly stacked?: boolean
}

/** A bar chart. */
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
