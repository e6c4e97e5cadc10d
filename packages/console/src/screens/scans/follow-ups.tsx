/**
 * Hunts and purges of a scan's dataset.
 * @module
 */
import type { ScanDetail } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { scans } from "#messages/scans.ts"
import { count, dateTime } from "../../parts/format.ts"

const { followUps: say } = scans

/** The table, the last first. */
export function FollowUps({ followUps }: Pick<ScanDetail, "followUps">): ReactNode {
  return (
    <section className="stack">
      <h2>{say.title}</h2>
      {followUps.length === 0 && <p className="quiet">{say.none}</p>}
      {followUps.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{say.columns.what}</th>
              <th scope="col">{say.columns.when}</th>
              <th scope="col">{say.columns.items}</th>
              <th scope="col" className="number">
                {say.columns.inPlace}
              </th>
            </tr>
          </thead>
          <tbody>
            {followUps.map(({ kind, name, at, items, unfinished, inPlace }) => (
              <tr key={name}>
                <td>
                  {say.names[kind]} <span className="mono">{name}</span>
                </td>
                <td>{dateTime(at)}</td>
                <td>
                  {kind === "hunt" ? say.found(count(items)) : say.removed(count(items))}
                  {unfinished && <span className="amber block">{say.unfinished[kind]}</span>}
                </td>
                <td className="number">{count(inPlace.items)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {followUps.some(({ kind, items }) => kind === "hunt" && items > 0) && <p className="quiet">{say.rescan}</p>}
    </section>
  )
}
