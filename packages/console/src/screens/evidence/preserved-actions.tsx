import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { DestroyForm } from "./destroy-form.tsx"
import { ExtendForm, HoldForm } from "./keep-forms.tsx"
import { OffersColumn } from "./offers-column.tsx"
import { casePreservationQuery } from "./queries.ts"
import { useCaseOf } from "./use-case-of.ts"
import { evidence as say } from "./words.ts"

/**
 * The right column for evidence or a case's evidence: waiting approvals, then actions to hold it, keep it longer or
 * request its destruction.
 */
export function CaseActions({ id }: { readonly id: string }): ReactNode {
  const { caseId } = useCaseOf(id)
  return caseId === undefined ? null : <KnownCaseActions key={caseId} caseId={caseId} />
}

function KnownCaseActions({ caseId }: { readonly caseId: string }): ReactNode {
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
    <OffersColumn
      isWaiting={({ kind, subject }) => kind.startsWith("evidence.") && subject === caseId}
      offers={offers}
    />
  )
}

type Close = (announcement?: string) => void
