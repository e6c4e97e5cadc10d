import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { count, dateTime } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { wordOf } from "./decision.tsx"
import { type Move, movesInWords } from "./moves.ts"
import { type Shadow, shadowQuery, type Version } from "./queries.ts"
import { policies as say } from "./words.ts"

const { shadow: words } = say
type Run = Shadow["runs"][number]

/**
 * The decisions of a version in shadow beside the active version's, counted. Empty for the active version unless it was
 * in shadow.
 */
export function ShadowView({ version }: { readonly version: Version }): ReactNode {
  const { data } = useQuery(shadowQuery(version.digest))
  if (data === undefined) return null
  if (data.runs.length === 0 && version.state === "active") return null
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {data.runs.length === 0 && <p>{words.none}</p>}
      {data.runs.map((run) => (
        <ShadowRun key={run.shadowId} run={run} />
      ))}
    </section>
  )
}

function ShadowRun({ run }: { readonly run: Run }): ReactNode {
  const { startedAt, startedBy, endedAt, screened, same, moves } = run
  return (
    <div className="stack-tight">
      <p className="quiet">
        {endedAt === undefined
          ? `${words.since} ${dateTime(startedAt)}`
          : `${words.ran} ${dateTime(startedAt)} ${words.until} ${dateTime(endedAt)}`}
        , {words.by} <Name id={startedBy} />
      </p>
      <p aria-live="polite">
        <strong>{inWords(run)}</strong> {endedAt === undefined && <span className="quiet">{words.late}</span>}
      </p>
      {screened > same && (
        <DataTable
          className="policies-narrow"
          rows={moves}
          keyOf={({ surface, beside, from, to }) => `${surface} ${beside} ${from} ${to}`}
          columns={[
            { name: words.columns.surface, cell: ({ surface }) => words.surface[surface] },
            { name: words.columns.active, cell: ({ from }) => wordOf(from) },
            {
              name: words.columns.shadow,
              cell: ({ from, to }) => (from === to ? words.same : <strong>{wordOf(to)}</strong>),
            },
            { name: words.columns.count, isNumber: true, cell: ({ count: times }) => count(times) },
          ]}
        />
      )}
    </div>
  )
}

function inWords({ screened, same, moves }: Run): string {
  if (screened === 0) return words.nothing
  if (screened === same) return words.all(count(screened))
  return words.some(count(screened), count(screened - same), movesInWords(summed(moves)))
}

/** Sums moves over surfaces and active versions. */
function summed(moves: readonly Move[]): readonly Move[] {
  const by = Map.groupBy(moves, ({ from, to }) => `${from} ${to}`)
  return [...by.values()].flatMap((alike) =>
    alike.slice(0, 1).map(({ from, to }) => ({
      from,
      to,
      count: alike.reduce((sum, move) => sum + move.count, 0),
    })),
  )
}
