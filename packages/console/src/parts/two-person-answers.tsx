import { Button, Radio } from "@mantine/core"
import type { ApprovalView } from "@nightlight/contract/server"
import { useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { approvals as say } from "#messages/approvals.ts"
import { common } from "#messages/common.ts"
import { call } from "../api/call.ts"
import { useMe } from "../api/me.ts"
import { CallError } from "../api/problem.ts"
import { proveApproval, signRequest } from "../custody/sign-approval.ts"
import { SignedWith } from "../custody/signed-with.tsx"
import { personKeyQuery, usePersonKey } from "../custody/use-person-key.ts"
import { useKeys } from "../keys/keys.tsx"
import { Fault } from "./states.tsx"
import { PROOFS } from "./two-person-proofs.ts"
import { type ApprovedResult, keepAnswer } from "./two-person-queries.ts"
import type { ApprovalWords } from "./two-person-words.ts"
import { useAction } from "./use-action.ts"

/** Topics that an approval of any kind may change. */
const TOPICS = ["approvals", "people", "reports", "policies", "lists", "preservation", "requests"] as const

/** The buttons of a waiting approval: approve, decline with a reason, or withdraw one's own request. */
export function ApprovalAnswers({
  approval,
  words,
  hasKeys,
  onDone,
}: {
  readonly approval: ApprovalView
  readonly words: ApprovalWords
  readonly hasKeys: boolean
  readonly onDone?: (answer: ApprovedResult) => void
}): ReactNode {
  const me = useMe()
  const client = useQueryClient()
  const holdsNone = usePersonKey() === null
  const [step, setStep] = useState<"choose" | "sure" | "decline">("choose")
  const [reason, setReason] = useState("")
  const proof = PROOFS[approval.kind]
  /** The approver must sign if the requester did, or if the custodian acts on the approval. */
  const mustSign = proof !== undefined || approval.grant !== undefined || approval.signed.requested
  const done = (answer: ApprovedResult) => {
    keepAnswer(answer)
    onDone?.(answer)
  }
  const approve = useAction(
    async () => {
      // The key may still be loading when the button is pressed.
      const key = await client.ensureQueryData(personKeyQuery(me.id))
      if (key === null) {
        if (mustSign) throw new CallError("state_conflict", common.key.missing, 409)
        return call<ApprovedResult>("POST", `/v1/approvals/${approval.id}/approve`)
      }
      await proof?.(approval, me.id, key)
      const signed = await proveApproval(approval, "approve", { person: me.id, key })
      return call<ApprovedResult>("POST", `/v1/approvals/${approval.id}/approve`, { body: { proof: signed } })
    },
    TOPICS,
    done,
  )
  const sign = useAction(async () => {
    const key = await client.ensureQueryData(personKeyQuery(me.id))
    if (key === null) throw new CallError("state_conflict", common.key.missing, 409)
    return signRequest(approval, { person: me.id, key })
  }, TOPICS)
  const decline = useAction(
    async (why: string | undefined) => {
      return {
        approval: await call<ApprovalView>("POST", `/v1/approvals/${approval.id}/decline`, {
          body: { reason: why },
        }),
        result: null,
      }
    },
    TOPICS,
    done,
  )
  const isMine = approval.requestedBy === me.id
  const mayApprove = approval.mayApprove && !(mustSign && holdsNone)
  const press = () => (words.isFinal ? setStep("sure") : approve.mutate(undefined))
  useKeys([
    {
      key: "a",
      label: say.key.approve,
      group: say.title,
      run: press,
      when: hasKeys && mayApprove && step === "choose",
    },
    {
      key: "x",
      label: say.key.decline,
      group: say.title,
      run: () => setStep("decline"),
      when: hasKeys && approval.mayApprove,
    },
  ])
  if (isMine) {
    return (
      <div className="stack">
        <p className="quiet">{common.approval.notYou}</p>
        {!approval.signed.requested && <p>{say.notSigned}</p>}
        <div className="row">
          {!approval.signed.requested && !holdsNone && (
            <Button loading={sign.isPending} onClick={() => sign.mutate(undefined)}>
              {say.signNow}
            </Button>
          )}
          <Button variant="default" loading={decline.isPending} onClick={() => decline.mutate(undefined)}>
            {say.takeBack}
          </Button>
        </div>
        <Fault error={sign.error ?? decline.error} />
      </div>
    )
  }
  if (!approval.mayApprove) return <p className="quiet">{common.approval.notYou}</p>
  return (
    <div className="stack">
      {mustSign && <p className="quiet">{say.mustProve}</p>}
      {mustSign && <SignedWith kind="approval" />}
      {mustSign && holdsNone && (
        <p className="quiet">
          {common.key.missing} <Link to="/settings">{common.key.missingHint}</Link>
        </p>
      )}
      {step === "choose" && (
        <div className="row">
          <Button disabled={!mayApprove} loading={approve.isPending} onClick={press}>
            {common.approval.approve}
          </Button>
          <Button variant="default" onClick={() => setStep("decline")}>
            {common.approval.decline}
          </Button>
        </div>
      )}
      {step === "sure" && (
        <div className="row">
          <Button color="brick" autoFocus loading={approve.isPending} onClick={() => approve.mutate(undefined)}>
            {say.confirmIrreversible}
          </Button>
          <Button variant="default" onClick={() => setStep("choose")}>
            {common.back}
          </Button>
        </div>
      )}
      {step === "decline" && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            decline.mutate(reason)
          }}
        >
          <Radio.Group
            label={say.declineTitle}
            description={say.declineHint}
            value={reason}
            onChange={setReason}
            required
          >
            <div className="stack-tight approval-reasons">
              {Object.entries(say.reasons).map(([value, label], place) => (
                <Radio key={value} value={value} label={label} autoFocus={place === 0} />
              ))}
            </div>
          </Radio.Group>
          <div className="row">
            <Button type="submit" variant="default" disabled={reason === ""} loading={decline.isPending}>
              {say.declineDo}
            </Button>
            <Button variant="subtle" onClick={() => setStep("choose")}>
              {common.back}
            </Button>
          </div>
        </form>
      )}
      <Fault error={step === "decline" ? decline.error : approve.error} />
    </div>
  )
}
