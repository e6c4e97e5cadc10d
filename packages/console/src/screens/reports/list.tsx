import { NativeSelect } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { useCan, useMe } from "../../api/me.ts"
import { Id } from "../../parts/id.tsx"
import { Empty } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago, Due } from "../../parts/time.tsx"
import { usePages } from "../../parts/use-pages.ts"
import { LoadedRows } from "../../shell/loaded-rows.tsx"
import { type Filter, reportsQuery, type Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

const FILTERS: readonly Filter[] = [
  "open",
  "all",
  "draft",
  "proposed",
  "approved",
  "held",
  "finished",
  "manual",
  "withdrawn",
] as readonly Filter[]

/** The left column: reports, newest first; at first only the open ones. */
export function ReportListColumn({ selected }: { readonly selected: string | undefined }): ReactNode {
  const [filter, setFilter] = useState<Filter>("open")
  const pages = usePages(reportsQuery(filter), ({ reports }) => reports)
  const navigate = useNavigate()
  return (
    <>
      <div className="reports-filter">
        <NativeSelect
          aria-label={say.list.filter}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value as Filter)}
          data={FILTERS.map((value) => ({ value, label: say.list.filters[value] ?? value }))}
        />
      </div>
      <LoadedRows
        query={pages}
        empty={
          <Empty
            title={filter === "open" ? say.list.noneOpen : say.list.none}
            hint={filter === "open" ? say.list.noneOpenHint : say.list.noneHint}
          />
        }
        idOf={({ id }) => id}
        selected={selected}
        onSelect={(reportId) => void navigate({ to: "/reports/$reportId", params: { reportId } })}
        row={(report) => <Row report={report} />}
        rowHeight={64}
        label={say.list.label}
      />
    </>
  )
}

function Row({ report }: { readonly report: Summary }): ReactNode {
  const { id, kind, environment, state, dueAt, createdAt, finishedAt, automatic } = report
  const { id: me } = useMe()
  const can = useCan()
  const isMine = state === "proposed" && report.preparedBy !== me && can("report:approve")
  const isOpen = ["draft", "proposed", "approved", "held"].includes(state)
  return (
    <div className="reports-row">
      <div className="row-between">
        <strong>{isMine ? say.state.forYou : say.state[state]}</strong>
        <span className="quiet">
          {isOpen && dueAt !== undefined ? <Due at={dueAt} /> : <Ago at={finishedAt ?? createdAt} />}
        </span>
      </div>
      <div className="row-between">
        <span className="quiet">
          {say.kind[kind]} <Id id={id} />
        </span>
        <span className="row">
          {automatic !== undefined && <Tag>{say.automatic.tag}</Tag>}
          {environment === "test" && <span className="test-mark">{say.test.mark}</span>}
        </span>
      </div>
    </div>
  )
}
