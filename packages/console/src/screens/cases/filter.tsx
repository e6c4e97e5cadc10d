import { Select } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import type { Query } from "../../api/call.ts"
import { cases as say } from "./words.ts"

/** A filter of the case list. */
export interface CaseFilter {
  readonly show: keyof typeof SHOWN
  readonly kind: "all" | "dataset" | "account" | "direct" | "test"
}

const SHOWN = {
  waiting: {},
  mine: { assignee: "me" },
  overdue: { due: "overdue" },
  today: { due: "today" },
  second: { state: "second-review" },
  resolution: { state: "resolution" },
  decided: { state: "decided" },
} as const satisfies Record<string, Query>

/** The filter at first. */
export const FIRST_FILTER: CaseFilter = { show: "waiting", kind: "all" }

/** The query parameters of a filter. */
export function toQuery({ show, kind }: CaseFilter): Query {
  return { ...SHOWN[show], ...compact({ kind: kind !== "all" ? kind : undefined }) }
}

/** Two selects above the list: which cases, and of which kind. */
export function Filter({
  value,
  onChange,
}: {
  readonly value: CaseFilter
  readonly onChange: (next: CaseFilter) => void
}): ReactNode {
  const shown = (Object.keys(SHOWN) as CaseFilter["show"][]).map((key) => ({ value: key, label: say.filter[key] }))
  const kinds = (Object.keys(say.filter.kind) as CaseFilter["kind"][]).map((key) => ({
    value: key,
    label: say.filter.kind[key],
  }))
  return (
    <div className="cases-filter">
      <Select
        aria-label={say.filter.label}
        data={shown}
        value={value.show}
        allowDeselect={false}
        onChange={(show) => show !== null && onChange({ ...value, show: show as CaseFilter["show"] })}
      />
      <Select
        aria-label={say.filter.kindLabel}
        data={kinds}
        value={value.kind}
        allowDeselect={false}
        onChange={(kind) => kind !== null && onChange({ ...value, kind: kind as CaseFilter["kind"] })}
      />
    </div>
  )
}
