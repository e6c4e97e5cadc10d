/**
 * Tables of a scan's report.
 * @module
 */
import type { SharedScanReport } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { count } from "../../parts/format.ts"
import { scans as say } from "./words.ts"

/** The lists that the dataset was checked against, with their age. */
export function Coverage({ lists }: { readonly lists: SharedScanReport["coverage"]["lists"] }): ReactNode {
  const { coverage: words } = say
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <DataTable
        rows={lists}
        keyOf={({ name }) => name}
        columns={[
          { name: words.columns.list, cell: ({ name }) => name },
          { name: words.columns.trust, cell: ({ trust }) => say.trust[trust] },
          { name: words.columns.entries, isNumber: true, cell: ({ entries }) => count(entries) },
          { name: words.columns.asOf, cell: ({ asOf }) => asOf ?? words.noAsOf },
          { name: words.columns.radius, cell: ({ radiusBits }) => words.bits(radiusBits) },
        ]}
      />
    </section>
  )
}

/** Matched items by list and type of hash. */
export function Matches({ report }: { readonly report: SharedScanReport }): ReactNode {
  const { matches: words } = say
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <DataTable
        rows={report.matches}
        none={words.none}
        keyOf={({ list, hashType }) => `${list} ${hashType}`}
        columns={[
          { name: words.columns.list, cell: ({ list }) => list },
          { name: words.columns.hash, cell: ({ hashType }) => hashType.toUpperCase() },
          { name: words.columns.items, isNumber: true, cell: ({ items }) => count(items) },
        ]}
      />
      {report.flooding.map(({ list, entries }) => (
        <p key={list} className="amber">
          {words.flooding(list, entries)}
        </p>
      ))}
      {report.weakMatches > 0 && <p className="quiet">{words.weak(count(report.weakMatches))}</p>}
    </section>
  )
}

/** Items that were not screened, by reason. */
export function NotScreened({ report }: { readonly report: SharedScanReport }): ReactNode {
  const { unscreenedParts: words } = say
  const groups = (["poison", "failed", "skipped", "causes", "exceptions"] as const)
    .map((key) => ({ key, entries: Object.entries(report[key]).filter(([, many]) => many > 0) }))
    .filter(({ entries }) => entries.length > 0)
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {groups.length === 0 && report.remaining === 0 && <p className="quiet">{words.none}</p>}
      {report.remaining > 0 && (
        <p>
          {say.facts.remaining}: {say.facts.remainingOf(count(report.remaining))}
        </p>
      )}
      {groups.map(({ key, entries }) => (
        <p key={key}>
          {words[key]}: {entries.map(([name, many]) => `${count(many)} ${name.replaceAll("_", " ")}`).join(", ")}
        </p>
      ))}
    </section>
  )
}
