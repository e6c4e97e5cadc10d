import { compact } from "@nightlight/contract"
import { useQuery } from "@tanstack/react-query"
import { useParams, useSearch } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { Failed, Loading } from "../../parts/states.tsx"
import { Columns } from "../../shell/columns.tsx"
import { ActionColumn } from "./action-column.tsx"
import { ReportListColumn } from "./list.tsx"
import { Overview } from "./overview.tsx"
import { contentQuery, progressQuery } from "./queries.ts"
import { ReportView } from "./report-view.tsx"
import { StartReport } from "./start.tsx"
import { useViewMode } from "./view-mode.ts"
import { reports as say } from "./words.ts"
import "./reports.css"

/** The reports page: the list, the selected report, and the actions on it. */
export function ReportsScreen(): ReactNode {
  const { reportId }: { readonly reportId?: string } = useParams({ strict: false })
  const search: { readonly case?: unknown } = useSearch({ strict: false })
  const caseId = typeof search.case === "string" ? search.case : undefined
  const isReader = useCan()("report:approve")
  const view = useViewMode(reportId)
  const progress = useQuery({ ...progressQuery(reportId ?? ""), enabled: reportId !== undefined })
  const head = reportId === undefined ? undefined : progress.data?.report
  const content = useQuery({
    ...contentQuery(head?.id ?? "", head?.version ?? 0),
    enabled: head !== undefined && isReader,
    // The last version stays visible while the next is loading; actions wait for the new one.
    placeholderData: (last) => (last?.report.id === head?.id ? last : undefined),
  })
  const { data: detail } = content
  const actions = progress.data !== undefined && head !== undefined && (
    <ActionColumn
      key={head.id}
      report={head}
      steps={progress.data.steps}
      detail={detail?.report.version === head.version ? detail : undefined}
      view={view}
    />
  )
  return (
    <Columns
      list={<ReportListColumn selected={reportId} />}
      listLabel={say.list.label}
      actionsLabel={say.actions.label}
      chosen={reportId ?? caseId}
      {...compact({ actions: actions !== false ? actions : undefined })}
    >
      {reportId === undefined && (caseId === undefined ? <Overview /> : <StartReport caseId={caseId} />)}
      {reportId !== undefined && progress.error !== null && progress.data === undefined && (
        <Failed error={progress.error} onRetry={() => void progress.refetch()} />
      )}
      {reportId !== undefined && progress.error === null && head === undefined && <Loading />}
      {progress.data !== undefined && head !== undefined && (
        <ReportView
          report={head}
          steps={progress.data.steps}
          detail={detail}
          error={content.error}
          onRetry={() => void content.refetch()}
          view={view}
        />
      )}
    </Columns>
  )
}
