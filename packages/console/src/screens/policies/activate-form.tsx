/**
 * Forms that request a change of the active version, and say what will happen.
 * @module
 */
import type { ReactNode } from "react"
import { useApprovalRequest } from "../../custody/use-approval-request.ts"
import { OfferForm } from "../../parts/offered-actions.tsx"
import { type Policies, requestActivation, requestRollBack, type Version } from "./queries.ts"
import { nameOf } from "./state-tag.tsx"
import { policies as say } from "./words.ts"

interface FormProps {
  readonly version: Version
  readonly list: Policies
  readonly onClose: (announcement?: string) => void
}

/** Requests the activation of a version. */
export function ActivateForm({ version: { digest }, list, onClose }: FormProps): ReactNode {
  const { activate: words } = say
  const ask = useApprovalRequest(
    requestActivation,
    (asked, { approvalId }) => ({ kind: "policy.activate", approvalId, payload: { activates: asked } }),
    ["policies", "approvals"],
    () => onClose(words.requested),
  )
  const active = list.policies.find((each) => each.digest === list.active)
  return (
    <OfferForm action={ask} label={words.ask} onCancel={onClose} onSubmit={() => ask.mutate(digest)}>
      <p>{words.what}</p>
      {active !== undefined && <p>{words.replaces(nameOf(active))}</p>}
      <p>{words.notScans}</p>
      <p>{words.untilThen}</p>
    </OfferForm>
  )
}

/** Requests a rollback of the active version to the previous one. */
export function RollBackForm({ version: { digest }, list, onClose }: FormProps): ReactNode {
  const { rollBack: words, activate } = say
  const ask = useApprovalRequest(
    requestRollBack,
    (asked, { approvalId }) => ({ kind: "policy.roll-back", approvalId, payload: { replaces: asked } }),
    ["policies", "approvals"],
    () => onClose(words.requested),
  )
  const before = list.policies.find((each) => each.digest === list.previous)
  return (
    <OfferForm action={ask} label={words.ask} onCancel={onClose} onSubmit={() => ask.mutate(digest)}>
      <p>{words.what(before === undefined ? words.before : nameOf(before))}</p>
      <p>{activate.notScans}</p>
      <p>{activate.untilThen}</p>
    </OfferForm>
  )
}
