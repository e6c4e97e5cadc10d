import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { CallError } from "../../api/problem.ts"
import { listed } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Failed } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { differencesOf } from "./decide/differences.ts"
import { Template } from "./decide/template.tsx"
import { type CaseDetail, type Decision, decisionsQuery } from "./queries.ts"
import { cases as say } from "./words.ts"

const { decisions: words, decide } = say

/**
 * The decisions on a case that the caller may see, side by side, with the fields in which two differ. Empty if there is
 * none.
 */
export function DecisionsView({ head: { caseId, state } }: { readonly head: CaseDetail }): ReactNode {
  const { data = [], error, refetch } = useQuery(decisionsQuery(caseId))
  const isHidden = error instanceof CallError && error.code === "not_found"
  if (isHidden && state !== "resolution") return null
  if (error !== null && data.length === 0) {
    return (
      <section className="stack">
        <h2>{words.title}</h2>
        {isHidden ? <p className="quiet">{words.notYours}</p> : <Failed error={error} onRetry={() => void refetch()} />}
      </section>
    )
  }
  if (data.length === 0) return null
  const [first, second] = [data.find(({ stage }) => stage === "first"), data.find(({ stage }) => stage === "second")]
  const differ = first === undefined || second === undefined ? undefined : differencesOf(first, second)
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {differ !== undefined && (
        <p className={differ.length > 0 ? "amber" : "quiet"}>
          {differ.length > 0 ? `${words.differ} ${listed(differ.map((field) => words.fields[field]))}.` : words.same}
        </p>
      )}
      <div className="cases-decisions">
        {data.map((decision) => (
          <DecisionView key={decision.decisionId} decision={decision} />
        ))}
      </div>
    </section>
  )
}

function DecisionView({ decision }: { readonly decision: Decision }): ReactNode {
  const { stage, by, basis, annotations, imminentDanger, template, rationale, items: caseItems, givenAt } = decision
  const judged = caseItems.filter(
    ({ included, classification, annotations }) => !included || classification !== undefined || annotations.length > 0,
  )
  return (
    <div className="cases-decision stack-tight">
      <h3>{words.stage[stage]}</h3>
      <p className="quiet">
        <Name id={by} />, <Ago at={givenAt} />
      </p>
      <p>
        <strong>{decide.basis[basis]}</strong>
        <span className="quiet block">{decide.statute[basis]}</span>
      </p>
      {imminentDanger && <p className="amber">{decide.danger}</p>}
      {annotations.length > 0 && (
        <p className="quiet">{listed(annotations.map((each) => decide.reportAnnotation[each]))}</p>
      )}
      {template !== undefined && <Template id={template.id} />}
      {rationale !== undefined && <p className="prewrap">{rationale}</p>}
      {judged.map(({ itemId, included, classification, annotations }) => (
        <p key={itemId} className="quiet">
          {listed([
            included ? decide.included : decide.notIncluded,
            ...(classification === undefined ? [] : [classification]),
            ...annotations.map((each) => decide.fileAnnotation[each]),
          ])}
        </p>
      ))}
    </div>
  )
}
