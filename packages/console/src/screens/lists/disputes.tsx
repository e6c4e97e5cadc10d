/**
 * Disputes: of one list, or of all.
 * @module
 */
import { NativeSelect } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { lists as say } from "#messages/lists.ts"
import { Failed, Loading } from "../../parts/states.tsx"
import { DisputeItem } from "./dispute-item.tsx"
import { disputesQuery } from "./queries.ts"

const { disputes: words } = say
const FILTERS = ["open", "accepted", "all"] as const

/** The section. */
export function Disputes({ list }: { readonly list?: string }): ReactNode {
  const [shown, setShown] = useState<(typeof FILTERS)[number]>("all")
  const { data, error, refetch } = useQuery(disputesQuery(list === undefined ? {} : { list }))
  const some = data?.filter(({ state }) => shown === "all" || state === shown) ?? []
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
      {error !== null && data === undefined && <Failed error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading rows={2} />}
      {data?.length === 0 && <p>{list === undefined ? words.none : words.noneOf}</p>}
      {data !== undefined && data.length > 0 && some.length === 0 && <p>{words.noneHere}</p>}
      {some.length > 0 && (
        <ul className="lists-disputes">
          {some.map((dispute) => (
            <li key={dispute.disputeId}>
              <DisputeItem dispute={dispute} hasList={list === undefined} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
