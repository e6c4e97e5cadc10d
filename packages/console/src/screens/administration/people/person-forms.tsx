/**
 * The forms of the actions on a person.
 * @module
 */
import { TextInput } from "@mantine/core"
import type { LinkAnswer } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../../api/call.ts"
import { useApprovalRequest } from "../../../custody/use-approval-request.ts"
import { startOfDay, toDay } from "../../../parts/dates.ts"
import { dateTime } from "../../../parts/format.ts"
import { OfferForm } from "../../../parts/offered-actions.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { OneTimeSecret } from "../parts/one-time-secret.tsx"
import type { Person } from "../queries.ts"
import { administration as say } from "../words.ts"

const { training, inviteAgain, reset, deactivate, invite } = say.people

interface FormProps {
  readonly person: Person
  readonly onClose: (announcement?: string) => void
}

/** Records a completed training. */
export function RecordTraining({ person, onClose }: FormProps): ReactNode {
  const today = toDay(new Date())
  const [on, setOn] = useState(today)
  const record = useAction(
    (trainedAt: string) => call("PUT", `/v1/people/${person.id}/training`, { body: { trainedAt } }),
    ["people"],
    () => onClose(common.approval.done),
  )
  return (
    <OfferForm
      action={record}
      label={training.do}
      isReady={on !== ""}
      onCancel={onClose}
      onSubmit={() => record.mutate(startOfDay(on))}
    >
      <p className="quiet">{training.lead}</p>
      <TextInput
        type="date"
        label={training.on}
        required
        max={today}
        value={on}
        onChange={({ currentTarget: { value } }) => setOn(value)}
      />
    </OfferForm>
  )
}

/** Makes a new link for a person who has not joined. */
export function InviteAgain({ person, onClose }: FormProps): ReactNode {
  const make = useAction(() => call<LinkAnswer>("POST", `/v1/people/${person.id}/invitation`), ["people"])
  if (make.data !== undefined) {
    return (
      <OneTimeSecret
        title={invite.made(person.name)}
        label={invite.link}
        secret={make.data.url}
        hint={invite.until(dateTime(make.data.expiresAt))}
        onPutAway={() => onClose()}
      />
    )
  }
  return (
    <OfferForm action={make} label={inviteAgain.do} onCancel={onClose} onSubmit={() => make.mutate(undefined)}>
      <p>{inviteAgain.lead}</p>
    </OfferForm>
  )
}

/** Requests a reset of a person's password and authenticator. */
export function Reset({ person, onClose }: FormProps): ReactNode {
  const ask = useApprovalRequest(
    () => call("POST", `/v1/people/${person.id}/reset`),
    () => ({ kind: "credentials.reset", subject: person.id }),
    ["approvals", "people"],
    () => onClose(reset.requested),
  )
  return (
    <OfferForm action={ask} label={reset.do} onCancel={onClose} onSubmit={() => ask.mutate(undefined)}>
      <p>{reset.lead}</p>
    </OfferForm>
  )
}

/** Deactivates a person's account. */
export function Deactivate({ person, onClose }: FormProps): ReactNode {
  const end = useAction(
    () => call("POST", `/v1/people/${person.id}/deactivate`),
    ["people"],
    () => onClose(common.approval.done),
  )
  return (
    <OfferForm action={end} label={deactivate.do} isFinal onCancel={onClose} onSubmit={() => end.mutate(undefined)}>
      <p className="brick">{deactivate.what(person.name)}</p>
    </OfferForm>
  )
}
