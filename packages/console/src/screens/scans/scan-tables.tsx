/**
 * A scan's tables: the lists it was checked against, what matched, what was not screened.
 * @module
 */
import type { SharedScanReport } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { scans as say } from "#messages/scans.ts"
import { count } from "../../parts/format.ts"

/** The lists, and how old they were. */
export function Coverage({ lists }: { readonly lists: SharedScanReport["coverage"]["lists"] }): ReactNode {
  const { coverage: words } = say
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{words.columns.list}</th>
            <th scope="col">{words.columns.trust}</th>
            <th scope="col" className="number">
              {words.columns.entries}
            </th>
            <th scope="col">{words.columns.asOf}</th>
            <th scope="col">{words.columns.radius}</th>
          </tr>
        </thead>
        <tbody>
          {lists.map(({ name, trust, entries, asOf, radiusBits }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{say.trust[trust]}</td>
              <td className="number">{count(entries)}</td>
              <td>{asOf ?? words.noAsOf}</td>
              <td>{words.bits(radiusBits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Items by list and type of hash. */
export function Matches({ report }: { readonly report: SharedScanReport }): ReactNode {
  const { matches: words } = say
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {report.matches.length === 0 && <p className="quiet">{words.none}</p>}
      {report.matches.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{words.columns.list}</th>
              <th scope="col">{words.columns.hash}</th>
              <th scope="col" className="number">
                {words.columns.items}
              </th>
            </tr>
          </thead>
          <tbody>
            {report.matches.map(({ list, hashType, items }) => (
              <tr key={`${list} ${hashType}`}>
                <td>{list}</td>
                <td>{hashType.toUpperCase()}</td>
                <td className="number">{count(items)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {report.flooding.map(({ list, entries }) => (
        <p key={list} className="amber">
          {words.flooding(list, entries)}
        </p>
      ))}
      {report.weakMatches > 0 && <p className="quiet">{words.weak(count(report.weakMatches))}</p>}
    </section>
  )
}

/** Everything that passed by, by reason. */
export function NotScreened({ report }: { readonly report: SharedScanReport }): ReactNode {
  const { unscreenedParts: words } = say
  const groups = (["poison", "failed", "skipped", "causes", "exceptions"] as const)
    .map((key) => ({ key, entries: Object.entries(report[key]).filter(([, many]) => many > 0) }))
    .filter(({ entries }) => entries.length > 0)
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {groups.length === 0 && <p className="quiet">{words.none}</p>}
      {groups.map(({ key, entries }) => (
        <p key={key}>
          {words[key]}: {entries.map(([name, many]) => `${count(many)} ${name.replaceAll("_", " ")}`).join(", ")}
        </p>
      ))}
    </section>
  )
}
