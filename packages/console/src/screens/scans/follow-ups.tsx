import type { ScanDetail } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { count, dateTime } from "../../parts/format.ts"
import { scans } from "./words.ts"

const { followUps: say } = scans

/** A table of the hunts and purges of a scan's dataset, the latest first. */
export function FollowUps({ followUps }: Pick<ScanDetail, "followUps">): ReactNode {
  return (
    <section className="stack">
      <h2>{say.title}</h2>
      <DataTable
        rows={followUps}
        none={say.none}
        keyOf={({ name }) => name}
        columns={[
          {
            name: say.columns.what,
            cell: ({ kind, name }) => (
              <>
                {say.names[kind]} <span className="mono">{name}</span>
              </>
            ),
          },
          { name: say.columns.when, cell: ({ performedAt }) => dateTime(performedAt) },
          {
            name: say.columns.items,
            cell: ({ kind, items, unfinished }) => (
              <>
                {kind === "hunt" ? say.found(count(items)) : say.removed(count(items))}
                {unfinished && <span className="amber block">{say.unfinished[kind]}</span>}
              </>
            ),
          },
          { name: say.columns.inPlace, isNumber: true, cell: ({ inPlace }) => count(inPlace.items) },
        ]}
      />
      {followUps.some(({ kind, items }) => kind === "hunt" && items > 0) && <p className="quiet">{say.rescan}</p>}
    </section>
  )
}
