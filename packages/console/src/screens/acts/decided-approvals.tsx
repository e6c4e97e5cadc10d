/**
 * Acts that were answered, or that nobody answered in time.
 * @module
 */
import type { ActView } from "@nightlight/contract/server"
import { useQueries } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { acts as say } from "#messages/acts.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { Name } from "../../parts/name.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { actsQuery } from "../../parts/two-person-queries.ts"
import { useActWords } from "../../parts/two-person-words.ts"

const MOST = 200

/** A table of them, newest answer first. */
export function DecidedApprovals(): ReactNode {
  const queries = useQueries({ queries: [actsQuery("done"), actsQuery("declined"), actsQuery("expired")] })
  const wordsOf = useActWords()
  const failed = queries.find(({ error }) => error !== null)
  const acts = queries
    .flatMap(({ data }) => data ?? [])
    .toSorted((a, b) => (b.decidedAt ?? "").localeCompare(a.decidedAt ?? ""))
    .slice(0, MOST)
  return (
    <section className="stack" aria-labelledby="acts-past">
      <div className="stack-tight">
        <h2 id="acts-past">{say.past}</h2>
        <p className="quiet">{say.pastHint}</p>
      </div>
      {failed !== undefined && <Failed error={failed.error} onRetry={() => void failed.refetch()} />}
      {failed === undefined && queries.some(({ isPending }) => isPending) && <Loading rows={3} />}
      {failed === undefined && queries.every(({ isSuccess }) => isSuccess) && acts.length === 0 && (
        <p className="quiet">{say.pastNone}</p>
      )}
      {acts.length > 0 && (
        <DataTable
          rows={acts}
          keyOf={(act) => act.id}
          columns={[
            { name: say.pastColumns.what, cell: (act) => wordsOf(act).title },
            { name: say.pastColumns.askedBy, cell: (act) => <Name id={act.askedBy} /> },
            { name: say.pastColumns.answer, cell: (act) => <Answer act={act} /> },
            { name: say.pastColumns.when, cell: (act) => <Ago at={act.decidedAt ?? act.expiresAt} /> },
          ]}
        />
      )}
    </section>
  )
}

function Answer({ act }: { readonly act: ActView }): ReactNode {
  const { state, askedBy, decidedBy, declineReason } = act
  const isTakenBack = state === "declined" && decidedBy === askedBy
  return (
    <div className="stack-tight">
      <span>
        <Tag tone={state === "done" ? "green" : "plain"}>{isTakenBack ? say.takenBack : say.stateWords[state]}</Tag>{" "}
        {decidedBy !== undefined && state !== "expired" && !isTakenBack && <Name id={decidedBy} />}
      </span>
      {declineReason !== undefined && <span className="quiet">{say.reasons[declineReason]}</span>}
    </div>
  )
}
