import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { Fact, Facts } from "../../parts/facts.tsx"
import { duration, shortId } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { CaseId, ReportId } from "../../parts/linked-id.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { useNow } from "../../parts/use-now.ts"
import { CustodyView } from "./custody-view.tsx"
import { HoldsView } from "./holds-view.tsx"
import { casePreservationQuery, type Piece } from "./queries.ts"
import { stateWords } from "./state-words.ts"
import { useCaseOf } from "./use-case-of.ts"
import { evidence as say } from "./words.ts"

const { piece: words, ofCase } = say

/** The middle column: why and until when evidence is preserved, its holds, and who had access to it. */
export function PreservedView({ id }: { readonly id: string }): ReactNode {
  const { caseId: data, piece, error, refetch } = useCaseOf(id)
  return (
    <Loaded query={{ data, error, refetch }}>
      {(caseId) => (
        <Page
          title={piece === undefined ? ofCase.title(shortId(caseId)) : words.title(shortId(piece.evidenceId))}
          lead={piece === undefined ? ofCase.lead : words.lead}
          isColumn
        >
          {piece !== undefined && <PieceFacts piece={piece} />}
          <CaseEvidence caseId={caseId} shown={piece?.evidenceId} />
          <HoldsView caseId={caseId} />
          <CustodyView caseId={caseId} />
        </Page>
      )}
    </Loaded>
  )
}

function PieceFacts({ piece }: { readonly piece: Piece }): ReactNode {
  const now = useNow()
  const { certificateId, reportId, caseId, held } = piece
  return (
    <Facts>
      <Fact name={words.state} origin={whyOf(piece)}>
        {stateWords(piece, now)}
        {leftWords(piece, now)}
      </Fact>
      <Fact name={words.held}>{held ? words.heldYes : words.heldNo}</Fact>
      <Fact name={words.case}>
        <CaseId caseId={caseId} />
      </Fact>
      {reportId !== undefined && (
        <Fact name={words.report}>
          <ReportId reportId={reportId} />
        </Fact>
      )}
      {certificateId !== undefined && (
        <Fact name={words.certificate}>
          <Link to="/evidence/$tab/$id" params={{ tab: "certificates", id: certificateId }}>
            {words.openCertificate}
          </Link>
        </Fact>
      )}
    </Facts>
  )
}

function whyOf({ state, reportId }: Piece): string {
  if (state === "locked") return reportId === undefined ? words.byExtension : words.byReport
  if (state === "clearing") return words.whyClearing
  return state === "kept" ? words.whyKept : words.whyGone
}

/** The time until the date that applies. */
function leftWords({ state, lockedUntil, destroyBy, held }: Piece, nowMs: number): string {
  const end = state === "locked" ? lockedUntil : state === "clearing" && !held ? destroyBy : undefined
  if (end === undefined) return ""
  const left = Date.parse(end) - nowMs
  return left > 0 ? `, ${words.untilIn(duration(left))}` : ""
}

function CaseEvidence({ caseId, shown }: { readonly caseId: string; readonly shown: string | undefined }): ReactNode {
  const now = useNow()
  const query = useQuery(casePreservationQuery(caseId))
  return (
    <Loaded query={query} rows={2}>
      {(data) => {
        const others = data.evidence.filter(({ evidenceId }) => evidenceId !== shown)
        if (others.length === 0) return shown === undefined ? <p>{ofCase.none}</p> : null
        return (
          <section className="stack">
            {shown !== undefined && <h2>{ofCase.same}</h2>}
            <DataTable
              rows={others}
              keyOf={(piece) => piece.evidenceId}
              columns={[
                {
                  name: ofCase.columns.id,
                  cell: (piece) => (
                    <Link to="/evidence/$tab/$id" params={{ tab: "preserved", id: piece.evidenceId }}>
                      <Id id={piece.evidenceId} />
                    </Link>
                  ),
                },
                { name: ofCase.columns.state, cell: (piece) => stateWords(piece, now) },
              ]}
            />
          </section>
        )
      }}
    </Loaded>
  )
}
