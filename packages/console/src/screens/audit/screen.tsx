import { useNavigate, useSearch } from "@tanstack/react-router"
import { type ReactNode, useCallback, useState } from "react"
import { Columns } from "../../shell/columns.tsx"
import { EventPanel } from "./event-panel.tsx"
import { ExportButtons } from "./export-buttons.tsx"
import { LogFilterForm } from "./filter.tsx"
import { LogTable } from "./log-table.tsx"
import { type LogEvent, type LogFilter, toFilter } from "./queries.ts"
import { Restart } from "./restart.tsx"
import { Verify } from "./verify.tsx"
import { audit as say } from "./words.ts"
import "./audit.css"
import { PageHead } from "../../parts/page.tsx"

/** The log's page: search, the selected event, verification and export. */
export function AuditScreen(): ReactNode {
  const filter = toFilter(useSearch({ strict: false }))
  const navigate = useNavigate()
  const [opened, setOpened] = useState<LogEvent>()
  const search = useCallback(
    (next: LogFilter) => {
      setOpened(undefined)
      void navigate({ to: "/audit", search: next })
    },
    [navigate],
  )
  const key = JSON.stringify(filter)
  return (
    <Columns
      actions={
        <div className="stack-wide">
          <EventPanel event={opened} onSearch={search} />
          <hr className="rule" />
          <Verify />
          <ExportButtons />
          <Restart />
        </div>
      }
      actionsLabel={say.actionsLabel}
    >
      <div className="audit">
        <PageHead title={say.title} lead={say.lead} />
        <LogFilterForm key={`form ${key}`} filter={filter} onSearch={search} />
        <LogTable key={key} filter={filter} opened={opened?.seq} onOpen={setOpened} />
      </div>
    </Columns>
  )
}
