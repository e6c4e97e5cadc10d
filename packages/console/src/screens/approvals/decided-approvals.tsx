import type { ApprovalView } from "@nightlight/contract/server"
import { useQueries } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { approvals as say } from "#messages/approvals.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { Name } from "../../parts/name.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { approvalsQuery } from "../../parts/two-person-queries.ts"
import { useApprovalWords } from "../../parts/two-person-words.ts"

const MOST = 200

/** A table of approvals that were answered or expired, the latest first. */
export function DecidedApprovals(): ReactNode {
  const queries = useQueries({
    queries: [approvalsQuery("done"), approvalsQuery("declined"), approvalsQuery("expired")],
  })
  const wordsOf = useApprovalWords()
  const failed = queries.find(({ error }) => error !== null)
  const approvals = queries
    .flatMap(({ data }) => data ?? [])
    .toSorted((a, b) => (b.decidedAt ?? "").localeCompare(a.decidedAt ?? ""))
    .slice(0, MOST)
  return (
    <section className="stack" aria-labelledby="approvals-past">
      <div className="stack-tight">
        <h2 id="approvals-past">{say.past}</h2>
        <p className="quiet">{say.pastHint}</p>
      </div>
      {failed !== undefined && <Failed error={failed.error} onRetry={() => void failed.refetch()} />}
      {failed === undefined && queries.some(({ isPending }) => isPending) && <Loading rows={3} />}
      {failed === undefined && queries.every(({ isSuccess }) => isSuccess) && approvals.length === 0 && (
        <p className="quiet">{say.pastNone}</p>
      )}
      {approvals.length > 0 && (
        <DataTable
          rows={approvals}
          keyOf={(approval) => approval.id}
          columns={[
            { name: say.pastColumns.what, cell: (approval) => wordsOf(approval).title },
            { name: say.pastColumns.requestedBy, cell: (approval) => <Name id={approval.requestedBy} /> },
            { name: say.pastColumns.answer, cell: (approval) => <Answer approval={approval} /> },
            { name: say.pastColumns.when, cell: (approval) => <Ago at={approval.decidedAt ?? approval.expiresAt} /> },
          ]}
        />
      )}
    </section>
  )
}

function Answer({ approval }: { readonly approval: ApprovalView }): ReactNode {
  const { state, requestedBy, decidedBy, declineReason } = approval
  const isWithdrawn = state === "declined" && decidedBy === requestedBy
  return (
    <div className="stack-tight">
      <span>
        <Tag tone={state === "done" ? "green" : "plain"}>{isWithdrawn ? say.withdrawn : say.stateWords[state]}</Tag>{" "}
        {decidedBy !== undefined && state !== "expired" && !isWithdrawn && <Name id={decidedBy} />}
      </span>
      {declineReason !== undefined && <span className="quiet">{say.reasons[declineReason]}</span>}
    </div>
  )
}
