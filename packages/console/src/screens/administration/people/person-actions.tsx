import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { useCan, useMe } from "../../../api/me.ts"
import { type Offer, OfferedActions } from "../../../parts/offered-actions.tsx"
import { WaitingApprovals } from "../../../parts/two-person.tsx"
import type { Person } from "../queries.ts"
import { administration as say } from "../words.ts"
import { isInvited } from "./account-status.ts"
import { Deactivate, InviteAgain, RecordTraining, Reset } from "./person-forms.tsx"
import { RequestRole } from "./request-role.tsx"

const { people: words } = say

/** The right column: actions on a person, and those that wait for a second administrator. */
export function PersonActions({ person }: { readonly person: Person }): ReactNode {
  const can = useCan()
  const me = useMe()
  const isGone = person.deactivatedAt !== undefined
  const isSelf = person.id === me.id
  const all: readonly (Offer & { readonly when: boolean })[] = [
    {
      id: "role",
      label: words.ask.open,
      when: !isSelf,
      form: (close) => <RequestRole person={person} onClose={close} />,
    },
    {
      id: "training",
      label: words.training.open,
      when: true,
      form: (close) => <RecordTraining person={person} onClose={close} />,
    },
    {
      id: "invite",
      label: words.inviteAgain.open,
      when: isInvited(person),
      form: (close) => <InviteAgain person={person} onClose={close} />,
    },
    {
      id: "reset",
      label: words.reset.open,
      when: !isInvited(person) && !isSelf,
      form: (close) => <Reset person={person} onClose={close} />,
    },
    {
      id: "deactivate",
      label: words.deactivate.open,
      isFinal: true,
      when: true,
      form: (close) => <Deactivate person={person} onClose={close} />,
    },
  ]
  const offers = can("person:manage") && !isGone ? all.filter(({ when }) => when) : []
  return (
    <div className="stack-wide">
      <WaitingApprovals title={common.approval.waiting} of={({ subject }) => subject === person.id} />
      {offers.length === 0 ? <p className="quiet">{words.noActions}</p> : <OfferedActions offers={offers} />}
    </div>
  )
}
