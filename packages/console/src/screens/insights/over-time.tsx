import type { InsightsView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { cases } from "../cases/words.ts"
import { Bars, type BarsProps } from "./chart.tsx"
import { Levels } from "./levels.tsx"
import { insights as say } from "./words.ts"

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

/** Findings over time: of datasets, accounts and single items. */
export function Volume({ view }: { readonly view: InsightsView }): ReactNode {
  const { volume: words } = say
  const points = view.series.map(({ start, findings }) => ({ at: DAY.format(new Date(start)), ...findings }))
  const total = sum(view.series.flatMap(({ findings }) => [findings.dataset, findings.account, findings.direct]))
  return (
    <Chart
      title={words.title}
      summary={words.words(total, view.findingsDenied)}
      bucket={view.bucket}
      points={points}
      stacked
      series={[
        { key: "dataset", name: words.dataset, colour: 0 },
        { key: "account", name: words.account, colour: 1 },
        { key: "direct", name: words.direct, colour: 2 },
      ]}
    />
  )
}

/** Cases opened and decided over time. */
export function Decided({ view }: { readonly view: InsightsView }): ReactNode {
  const { decided: words } = say
  const points = view.series.map(({ start, opened, decided }) => ({ at: DAY.format(new Date(start)), opened, decided }))
  const totals = (["opened", "decided", "automatic"] as const).map((key) =>
    sum(view.series.map((bucket) => bucket[key])),
  )
  const [opened = 0, decided = 0, automatic = 0] = totals
  return (
    <Chart
      title={words.title}
      summary={words.words(opened, decided, automatic)}
      bucket={view.bucket}
      points={points}
      series={[
        { key: "opened", name: words.opened, colour: 0 },
        { key: "decided", name: words.decided, colour: 1 },
      ]}
    />
  )
}

/** A titled bar chart with a summary in words. */
function Chart(
  props: Omit<BarsProps, "label"> & {
    readonly title: string
    readonly summary: string
    readonly bucket: InsightsView["bucket"]
  },
): ReactNode {
  const { title, summary, bucket, ...bars } = props
  return (
    <section className="stack">
      <h2>{title}</h2>
      <Bars label={`${title}, ${say.per[bucket]}`} {...bars} />
      <p>{summary}</p>
    </section>
  )
}

/** Decisions by basis. */
export function Bases({ view }: { readonly view: InsightsView }): ReactNode {
  const { bases: words } = say
  const names = Object.keys(cases.decide.basis) as (keyof typeof cases.decide.basis)[]
  const levels = names.map((basis) => ({
    name: cases.decide.basis[basis],
    value: sum(view.series.map(({ byBasis }) => byBasis[basis])),
  }))
  const all = sum(levels.map(({ value }) => value))
  const reportable = all - sum(levels.slice(-2).map(({ value }) => value))
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <Levels levels={levels} />
      <p>{all === 0 ? say.none : words.words(reportable, all)}</p>
    </section>
  )
}

/** Ages of open cases. */
export function Ages({ view: { openAges } }: { readonly view: InsightsView }): ReactNode {
  const { ages: words } = say
  const keys = Object.keys(words.buckets) as (keyof typeof words.buckets)[]
  const levels = keys.map((key) => ({ name: words.buckets[key], value: openAges[key] }))
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <Levels levels={levels} />
      <p>{words.words(sum(levels.map(({ value }) => value)), openAges.days3To7 + openAges.over7Days)}</p>
    </section>
  )
}
