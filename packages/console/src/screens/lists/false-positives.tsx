import { NativeSelect } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { Loaded } from "../../parts/loaded.tsx"
import { FalsePositiveItem } from "./false-positive-item.tsx"
import { type FalsePositive, falsePositivesQuery } from "./queries.ts"
import { lists as say } from "./words.ts"

const { falsePositives: words } = say
const FILTERS = ["open", "accepted", "all"] as const

/** The false positives of one list, or of all lists. */
export function FalsePositives({ list }: { readonly list?: string }): ReactNode {
  const [shown, setShown] = useState<(typeof FILTERS)[number]>("all")
  const query = useQuery(falsePositivesQuery(list === undefined ? {} : { list }))
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
        {(falsePositives) => (
          <FalsePositiveList
            falsePositives={falsePositives.filter(({ state }) => shown === "all" || state === shown)}
            hasList={list === undefined}
          />
        )}
      </Loaded>
    </section>
  )
}

function FalsePositiveList(props: {
  readonly falsePositives: readonly FalsePositive[]
  readonly hasList: boolean
}): ReactNode {
  const { falsePositives, hasList } = props
  if (falsePositives.length === 0) return <p>{words.noneHere}</p>
  return (
    <ul className="lists-false-positives">
      {falsePositives.map((falsePositive) => (
        <li key={falsePositive.falsePositiveId}>
          <FalsePositiveItem falsePositive={falsePositive} hasList={hasList} />
        </li>
      ))}
    </ul>
  )
}
