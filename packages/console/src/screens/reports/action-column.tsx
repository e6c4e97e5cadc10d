import { Button, Kbd } from "@mantine/core"
import type { ApprovalView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { useCan, useMe } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Name } from "../../parts/name.tsx"
import { WaitingApprovals } from "../../parts/two-person.tsx"
import { useWaitingApprovals } from "../../parts/two-person-queries.ts"
import { Completeness } from "./completeness.tsx"
import { FollowUp, Resume, ReviewAlone, WithdrawReport } from "./later-actions.tsx"
import { ManualFiling } from "./manual-filing.tsx"
import { ProblemList } from "./problem-list.tsx"
import type { Detail, Step, Summary } from "./queries.ts"
import { SignAlone, SignApproval, SignFirst } from "./signing.tsx"
import type { ViewMode } from "./view-mode.ts"
import { reports as say } from "./words.ts"

interface ActionColumnProps {
  readonly report: Summary
  readonly steps: readonly Step[]
  /** The present version's content; `undefined` while it is loading, or if the user may not read it. */
  readonly detail: Detail | undefined
  readonly view: ViewMode
}

/** The right column of a report: the actions that the user can take in its present state. */
export function ActionColumn({ report, steps, detail, view }: ActionColumnProps): ReactNode {
  const can = useCan()
  const { id: me } = useMe()
  const { state, preparedBy } = report
  const { mode, show } = view
  const mayPrepare = can("report:prepare")
  const isEditable = state === "draft" || state === "proposed"
  const isPreparer = preparedBy === me
  // For a manual filing, these documents were never sent.
  const hasPreview = state !== "manual"
  useKeys([
    {
      key: "p",
      label: say.key.preview,
      group: say.key.group,
      when: detail !== undefined && hasPreview && mode !== "edit",
      run: () => show(mode === "preview" ? "summary" : "preview"),
    },
    {
      key: "e",
      label: say.key.edit,
      group: say.key.group,
      run: () => show("edit"),
      when: detail !== undefined && isEditable && mayPrepare && mode !== "edit",
    },
  ])
  const isManualFiling = (approval: ApprovalView) =>
    approval.kind === "report.manual-filing" && approval.subject === report.id
  const isRequested = useWaitingApprovals(isManualFiling).some((approval) => approval.state === "waiting")
  const isManualPossible = ["draft", "proposed", "held"].includes(state)
  return (
    <div className="stack-wide">
      <section className="stack" aria-labelledby="approval-title">
        <h2 id="approval-title" tabIndex={-1}>
          {say.actions.title}
        </h2>
        <WaitingApprovals of={isManualFiling} />
        {isRequested && <p className="notice-line">{say.manual.waits}</p>}
        {state === "draft" && !isRequested && <DraftActions report={report} detail={detail} view={view} />}
        {state === "proposed" && !isRequested && !isPreparer && (
          <SignApproval report={report} detail={detail} isHidden={mode === "edit"} />
        )}
        {state === "proposed" && !isRequested && isPreparer && (
          <>
            <p>{say.actions.waitsForApproval}</p>
            <SignFirst report={report} detail={detail} isAgain isHidden={mode === "edit"} />
          </>
        )}
        {state === "approved" && <p>{say.actions.filing}</p>}
        {state === "held" && !isRequested && mayPrepare && <HeldActions report={report} steps={steps} />}
        {state === "held" && !mayPrepare && <p>{say.actions.heldForReporter}</p>}
        {state === "withdrawn" && <p>{say.actions.withdrawn}</p>}
        {(state === "finished" || state === "manual") && <p>{say.actions.filed}</p>}
        {(state === "finished" || state === "manual" || state === "withdrawn") && <FollowUp report={report} />}
        <ReviewAlone report={report} />
        {detail !== undefined && mode !== "edit" && (
          <div className="row">
            {isEditable && mayPrepare && (
              <Button variant="default" onClick={() => show("edit")} rightSection={<Kbd size="xs">e</Kbd>}>
                {say.actions.edit}
              </Button>
            )}
            {hasPreview && (
              <Button
                variant="default"
                onClick={() => show(mode === "preview" ? "summary" : "preview")}
                rightSection={<Kbd size="xs">p</Kbd>}
              >
                {mode === "preview" ? say.preview.back : say.actions.preview}
              </Button>
            )}
          </div>
        )}
      </section>
      {detail !== undefined && isEditable && (
        <Completeness
          completeness={detail.completeness}
          onRaise={mayPrepare && mode !== "edit" ? (path) => show("edit", path) : undefined}
        />
      )}
      {mayPrepare && (isEditable || state === "held") && mode !== "edit" && (
        <section className="stack" aria-labelledby="approval-other">
          <h2 id="approval-other">{say.actions.other}</h2>
          {state === "draft" && !isRequested && <SignAlone report={report} detail={detail} />}
          {isManualPossible && <ManualFiling report={report} onSheet={() => show("manual-sheet")} />}
          {!isRefused(report) && <WithdrawReport report={report} steps={steps} />}
        </section>
      )}
      {mayPrepare && state === "approved" && steps.length === 0 && <WithdrawReport report={report} steps={steps} />}
    </div>
  )
}

/** Resuming a refused report would only be refused again. */
const isRefused = ({ state, heldCode }: Summary): boolean => state === "held" && heldCode === "refused"

function HeldActions({ report, steps }: Pick<ActionColumnProps, "report" | "steps">): ReactNode {
  if (!isRefused(report)) return <Resume report={report} />
  return (
    <>
      <p>{say.held.refused}</p>
      <WithdrawReport report={report} steps={steps} isFirst />
      <Resume report={report} isLast />
    </>
  )
}

function DraftActions({ report, detail, view }: Omit<ActionColumnProps, "steps">): ReactNode {
  const can = useCan()
  if (!can("report:prepare")) {
    return (
      <p>
        {say.actions.beingWritten} <Name id={report.preparedBy} />
      </p>
    )
  }
  if (detail !== undefined && detail.problems.length > 0) {
    return (
      <div className="stack-tight">
        <p>{say.actions.problems(detail.problems.length)}</p>
        <ProblemList detail={detail} onMend={view.mode === "edit" ? undefined : (path) => view.show("edit", path)} />
      </div>
    )
  }
  return <SignFirst report={report} detail={detail} isHidden={view.mode === "edit"} />
}
