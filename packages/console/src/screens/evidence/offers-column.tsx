import type { ApprovalView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { type Offer, OfferedActions } from "../../parts/offered-actions.tsx"
import { WaitingApprovals } from "../../parts/two-person.tsx"
import { evidence as say } from "./words.ts"

/** The right column: waiting approvals, then the actions. */
export function OffersColumn(props: {
  readonly isWaiting: (approval: ApprovalView) => boolean
  readonly offers: readonly Offer[]
}): ReactNode {
  const { isWaiting, offers } = props
  return (
    <div className="stack-wide">
      <WaitingApprovals title={common.approval.waiting} of={isWaiting} />
      <section className="stack">
        <h2>{say.actionsLabel}</h2>
        {offers.length === 0 && <p className="quiet">{say.nothingToDo}</p>}
        <OfferedActions offers={offers} />
      </section>
    </div>
  )
}
