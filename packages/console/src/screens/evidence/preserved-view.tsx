/**
 * One piece of evidence, or a case's: what keeps it, until when, and who touched it.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { evidence as say } from "#messages/evidence.ts"
import { useCan } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { duration, shortId } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { useNow } from "../../parts/use-now.ts"
import { CustodyView } from "./custody-view.tsx"
import { HoldsView } from "./holds-view.tsx"
import { casePreservationQuery, type Piece } from "./queries.ts"
import { stateWords } from "./state-words.ts"
import { useCaseOf } from "./use-case-of.ts"

const { piece: words, ofCase } = say

/** The middle column. */
export function PreservedView({ id }: { readonly id: string }): ReactNode {
  const { caseId, piece, error, refetch } = useCaseOf(id)
  if (error !== null && caseId === undefined) return <Failed error={error} onRetry={refetch} />
  if (caseId === undefined) return <Loading />
  return (
    <article className="stack-wide">
      <header className="stack-tight">
        <h1>{piece === undefined ? ofCase.title(shortId(caseId)) : words.title(shortId(piece.evidenceId))}</h1>
        <p className="quiet">{piece === undefined ? ofCase.lead : words.lead}</p>
      </header>
      {piece !== undefined && <PieceFacts piece={piece} />}
      <OfCase caseId={caseId} shown={piece?.evidenceId} />
      <HoldsView caseId={caseId} />
      <CustodyView caseId={caseId} />
    </article>
  )
}

function PieceFacts({ piece }: { readonly piece: Piece }): ReactNode {
  const now = useNow()
  const can = useCan()
  const { certificateId, reportId, caseId, held } = piece
  return (
    <Facts>
      <Fact name={words.state} origin={whyOf(piece)}>
        {stateWords(piece, now)}
        {leftWords(piece, now)}
      </Fact>
      <Fact name={words.held}>{held ? words.heldYes : words.heldNo}</Fact>
      <Fact name={words.case}>
        {can("case:read") ? (
          <Link to="/cases/$caseId" params={{ caseId }}>
            <Id id={caseId} />
          </Link>
        ) : (
          <Id id={caseId} />
        )}
      </Fact>
      {reportId !== undefined && (
        <Fact name={words.report}>
          {can("report:read") ? (
            <Link to="/reports/$reportId" params={{ reportId }}>
              <Id id={reportId} />
            </Link>
          ) : (
            <Id id={reportId} />
          )}
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

/** How long its date is away. */
function leftWords({ state, lockedUntil, destroyBy, held }: Piece, nowMs: number): string {
  const end = state === "locked" ? lockedUntil : state === "clearing" && !held ? destroyBy : undefined
  if (end === undefined) return ""
  const left = Date.parse(end) - nowMs
  return left > 0 ? `, ${words.untilIn(duration(left))}` : ""
}

function OfCase({ caseId, shown }: { readonly caseId: string; readonly shown: string | undefined }): ReactNode {
  const now = useNow()
  const { data, error, refetch } = useQuery(casePreservationQuery(caseId))
  if (error !== null && data === undefined) return <Failed error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading rows={2} />
  const others = data.evidence.filter(({ evidenceId }) => evidenceId !== shown)
  if (others.length === 0) return shown === undefined ? <p>{ofCase.none}</p> : null
  return (
    <section className="stack">
      {shown !== undefined && <h2>{ofCase.same}</h2>}
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{ofCase.columns.id}</th>
            <th scope="col">{ofCase.columns.state}</th>
          </tr>
        </thead>
        <tbody>
          {others.map((piece) => (
            <tr key={piece.evidenceId}>
              <td>
                <Link to="/evidence/$tab/$id" params={{ tab: "preserved", id: piece.evidenceId }}>
                  <Id id={piece.evidenceId} />
                </Link>
              </td>
              <td>{stateWords(piece, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
