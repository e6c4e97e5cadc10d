import type { GrantAnswer } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { dateTime, shortId } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Due } from "../../parts/time.tsx"
import type { Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The two signatures of a report: who signed when, and whose is missing. */
export function Signatures({ report }: { readonly report: Summary }): ReactNode {
  const {
    preparedBy,
    proposedAt,
    approvedBy,
    approvedAt,
    singlePersonReason,
    singlePersonReviewedBy,
    automatic,
    state,
  } = report
  return (
    <section aria-labelledby="summary-signatures" className="stack">
      <h2 id="summary-signatures">{say.signatures.title}</h2>
      <ol className="signatures">
        {automatic !== undefined ? (
          <li>
            <span className="signature-line">{say.automatic.nobody}</span>
            <span className="quiet">{say.automatic.under(shortId(automatic))}</span>
          </li>
        ) : (
          <li>
            <span className="signature-line">{proposedAt !== undefined ? <Name id={preparedBy} /> : " "}</span>
            <span className="quiet">
              {proposedAt === undefined ? say.signatures.unsigned : say.signatures.prepared(dateTime(proposedAt))}
            </span>
          </li>
        )}
        <li>
          {singlePersonReason !== undefined && (
            <>
              <span className="signature-line">{say.alone.none}</span>
              <span className="quiet">
                {say.alone.reasons[singlePersonReason]}{" "}
                {singlePersonReviewedBy === undefined ? (
                  say.alone.toReview
                ) : (
                  <>
                    {say.alone.reviewedBy} <Name id={singlePersonReviewedBy} />
                  </>
                )}
              </span>
            </>
          )}
          {singlePersonReason === undefined && automatic !== undefined && (
            <>
              <span className="signature-line">
                {singlePersonReviewedBy !== undefined ? <Name id={singlePersonReviewedBy} /> : " "}
              </span>
              <span className="quiet">
                {singlePersonReviewedBy === undefined ? say.automatic.toReview : say.automatic.reviewed}
              </span>
            </>
          )}
          {singlePersonReason === undefined && automatic === undefined && (
            <>
              <span className="signature-line">{approvedBy !== undefined ? <Name id={approvedBy} /> : " "}</span>
              <span className="quiet">
                {approvedAt !== undefined && say.signatures.approved(dateTime(approvedAt))}
                {approvedAt === undefined && (state === "proposed" ? say.signatures.waits : say.signatures.second)}
                {state === "proposed" && <GrantEnd report={report} />}
              </span>
            </>
          )}
        </li>
      </ol>
    </section>
  )
}

/** When the first signature expires. */
function GrantEnd({ report }: { readonly report: Summary }): ReactNode {
  const { data } = useQuery({
    queryKey: ["reports", "grant", report.id, report.version],
    queryFn: ({ signal }) =>
      call<SchemaOutput<typeof GrantAnswer>>("GET", `/v1/reports/${report.id}/grant`, { signal }),
  })
  if (data === undefined) return null
  return (
    <>
      {" "}
      {say.signatures.good} <Due at={data.grant.expiresAt} />
    </>
  )
}
