import { type ReactNode, useEffect, useRef } from "react"
import { useCan } from "../../api/me.ts"
import { Id } from "../../parts/id.tsx"
import { CaseId } from "../../parts/linked-id.tsx"
import { PageHead } from "../../parts/page.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Due } from "../../parts/time.tsx"
import { Answers } from "./answers.tsx"
import { Editor } from "./editor.tsx"
import { ManualFilingSheet } from "./manual-filing-sheet.tsx"
import { PreviewView } from "./preview.tsx"
import { Progress } from "./progress.tsx"
import type { Detail, Step, Summary } from "./queries.ts"
import { Receipt } from "./receipt.tsx"
import { SummaryView } from "./summary-view.tsx"
import { TestBand } from "./test-band.tsx"
import type { ViewMode } from "./view-mode.ts"
import { reports as say } from "./words.ts"

interface ReportViewProps {
  readonly report: Summary
  readonly steps: readonly Step[]
  readonly detail: Detail | undefined
  readonly error: unknown
  readonly onRetry: () => void
  readonly view: ViewMode
}

/**
 * The middle column: a report's state and receipt, and below its summary, its form, its documents or the sheet for
 * manual filing.
 */
export function ReportView({ report, steps, detail, error, onRetry, view }: ReportViewProps): ReactNode {
  const can = useCan()
  const title = useRef<HTMLHeadingElement>(null)
  const { mode, at, show } = view
  const wasMode = useRef(mode)
  // Screen readers should notice a change of view; the form moves the focus itself.
  useEffect(() => {
    if (wasMode.current !== mode && mode !== "edit") title.current?.focus()
    wasMode.current = mode
  }, [mode])
  // In narrow windows the actions are below the report.
  const hasActions = mode === "summary"
  const isOpen = ["draft", "proposed", "approved", "held"].includes(report.state)
  return (
    <article className="stack-wide">
      {report.environment === "test" && <TestBand />}
      <Receipt report={report} />
      <PageHead
        title={say.title[mode]}
        titleRef={title}
        titleClass="summary-title"
        lines={
          <p className="row quiet">
            <Tag tone={report.remoteReportId !== undefined && report.environment === "production" ? "green" : "plain"}>
              {say.state[report.state]}
            </Tag>
            <span>
              {say.kind[report.kind]}, <Id id={report.id} />
            </span>
            <span>
              {say.fromCase} <CaseId caseId={report.caseId} />
            </span>
            {isOpen && report.dueAt !== undefined && <Due at={report.dueAt} />}
          </p>
        }
      />
      {hasActions && (
        <a className="to-actions" href="#approval-title">
          {say.actions.below}
        </a>
      )}
      {(report.state === "approved" || report.state === "held") && (
        <Progress report={report} steps={steps} detail={detail} />
      )}
      {can("report:approve") && mode === "summary" && <Answers key={report.id} report={report} steps={steps} />}
      {!can("report:approve") && <p className="quiet">{say.notYours}</p>}
      {can("report:approve") && detail === undefined && error === null && <Loading rows={8} rowHeight={32} />}
      {detail === undefined && error !== null && <Failed error={error} onRetry={onRetry} />}
      {detail !== undefined && mode === "summary" && <SummaryView detail={detail} head={report} />}
      {detail !== undefined && mode === "edit" && (
        <Editor detail={detail} head={report} at={at} onClose={() => show("summary")} />
      )}
      {detail !== undefined && mode === "preview" && (
        <PreviewView head={report} detail={detail} onClose={() => show("summary")} />
      )}
      {mode === "manual-sheet" && <ManualFilingSheet report={report} onClose={() => show("summary")} />}
    </article>
  )
}
