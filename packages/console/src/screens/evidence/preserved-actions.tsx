/**
 * What can be done about a case's evidence: hold it, keep it longer, ask for its destruction; and what waits for a
 * second person.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { useCan } from "../../api/me.ts"
import { Offers } from "../../parts/offers.tsx"
import { WaitingApprovals } from "../../parts/two-person.tsx"
import { DestroyForm } from "./destroy-form.tsx"
import { ExtendForm, HoldForm } from "./keep-forms.tsx"
import { casePreservationQuery } from "./queries.ts"
import { useCaseOf } from "./use-case-of.ts"
import { evidence as say } from "./words.ts"

/** The right column of a piece of evidence, or of a case's. */
export function CaseActions({ id }: { readonly id: string }): ReactNode {
  const { caseId } = useCaseOf(id)
  return caseId === undefined ? null : <Approvals key={caseId} caseId={caseId} />
}

function Approvals({ caseId }: { readonly caseId: string }): ReactNode {
  const can = useCan()
  const { data } = useQuery(casePreservationQuery(caseId))
  const evidence = data?.evidence ?? []
  const isKept = evidence.some(({ state }) => state === "kept" || state === "locked")
  const left = evidence.filter(({ state }) => state !== "destroyed" && state !== "destroying")
  const offers = [
    ...(can("preservation:hold")
      ? [{ id: "hold", label: say.hold.open, form: (close: Close) => <HoldForm caseId={caseId} onClose={close} /> }]
      : []),
    ...(can("preservation:hold") && isKept
      ? [
          {
            id: "extend",
            label: say.extend.open,
            form: (close: Close) => <ExtendForm caseId={caseId} evidence={evidence} onClose={close} />,
          },
        ]
      : []),
    ...(can("evidence:destroy") && left.length > 0
      ? [
          {
            id: "destroy",
            label: say.destroy.open,
            isFinal: true,
            form: (close: Close) => <DestroyForm caseId={caseId} pieces={left.length} onClose={close} />,
          },
        ]
      : []),
  ]
  return (
    <div className="stack-wide">
      <WaitingApprovals
        title={common.approval.waiting}
        of={({ kind, subject }) => kind.startsWith("evidence.") && subject === caseId}
      />
      <section className="stack">
        <h2>{say.approvalLabel}</h2>
        {offers.length === 0 && <p className="quiet">{say.nothingToDo}</p>}
        <Offers offers={offers} />
      </section>
    </div>
  )
}

type Close = (said?: string) => void
