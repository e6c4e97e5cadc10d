/**
 * Disputes: of one list, or of all.
 * @module
 */
import { NativeSelect } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { Loaded } from "../../parts/loaded.tsx"
import { DisputeItem } from "./dispute-item.tsx"
import { type Dispute, disputesQuery } from "./queries.ts"
import { lists as say } from "./words.ts"

const { disputes: words } = say
const FILTERS = ["open", "accepted", "all"] as const

/** The section. */
export function Disputes({ list }: { readonly list?: string }): ReactNode {
  const [shown, setShown] = useState<(typeof FILTERS)[number]>("all")
  const query = useQuery(disputesQuery(list === undefined ? {} : { list }))
  const { data } = query
  return (
    <section className="stack">
      <div className="row-between">
        <div className="stack-tight">
          <h2>{words.title}</h2>
          <p className="quiet">{words.lead}</p>
        </div>
        {data !== undefined && data.length > 0 && (
          <NativeSelect
            aria-label={words.filter}
            value={shown}
            onChange={({ currentTarget: { value } }) => setShown(FILTERS.find((each) => each === value) ?? "all")}
            data={FILTERS.map((value) => ({ value, label: words.filters[value] ?? value }))}
          />
        )}
      </div>
      <Loaded query={query} rows={2} empty={<p>{list === undefined ? words.none : words.noneOf}</p>}>
        {(disputes) => (
          <Shown
            disputes={disputes.filter(({ state }) => shown === "all" || state === shown)}
            hasList={list === undefined}
          />
        )}
      </Loaded>
    </section>
  )
}

function Shown(props: { readonly disputes: readonly Dispute[]; readonly hasList: boolean }): ReactNode {
  const { disputes, hasList } = props
  if (disputes.length === 0) return <p>{words.noneHere}</p>
  return (
    <ul className="lists-disputes">
      {disputes.map((dispute) => (
        <li key={dispute.disputeId}>
          <DisputeItem dispute={dispute} hasList={hasList} />
        </li>
      ))}
    </ul>
  )
}
