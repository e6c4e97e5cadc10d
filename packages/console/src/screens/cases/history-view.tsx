import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { eventWords } from "#messages/events.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { Name } from "../../parts/name.tsx"
import { Failed } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { historyQuery } from "./queries.ts"
import { cases as say } from "./words.ts"

/** The events of a case, the latest first. */
export function HistoryView({ caseId }: { readonly caseId: string }): ReactNode {
  const { data = [], error, refetch } = useQuery(historyQuery(caseId))
  return (
    <section className="stack">
      <h2>{say.history.title}</h2>
      {error !== null && data.length === 0 && <Failed error={error} onRetry={() => void refetch()} />}
      <DataTable
        rows={[...data].reverse()}
        keyOf={(_row, place) => place}
        columns={[
          { className: "cases-when", cell: ({ at }) => <Ago at={at} /> },
          { cell: ({ type }) => eventWords(type) },
          { cell: ({ actor }) => <Name id={actor} /> },
        ]}
      />
    </section>
  )
}
