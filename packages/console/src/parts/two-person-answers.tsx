/**
 * What somebody can do about an act that waits: approve it, decline it with a reason, or take their own back.
 * @module
 */

import { Button, Radio } from "@mantine/core"
import type { ActView } from "@nightlight/contract/server"
import { useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { acts as say } from "#messages/acts.ts"
import { common } from "#messages/common.ts"
import { call } from "../api/call.ts"
import { useMe } from "../api/me.ts"
import { CallError } from "../api/problem.ts"
import { proveAct, signAsked } from "../custody/sign-act.ts"
import { SignedWith } from "../custody/signed-with.tsx"
import { personKeyQuery, usePersonKey } from "../custody/use-person-key.ts"
import { useKeys } from "../keys/keys.tsx"
import { Fault } from "./states.tsx"
import { PROOFS } from "./two-person-proofs.ts"
import { keepAnswer, type Seconded } from "./two-person-queries.ts"
import type { ActWords } from "./two-person-words.ts"
import { useAct } from "./use-act.ts"

/** Topics that acts of any kind may change. */
const TOPICS = ["acts", "people", "reports", "policies", "lists", "preservation", "requests"] as const

/** The buttons below an act. */
export function ActAnswers({
  act,
  words,
  hasKeys,
  onDone,
}: {
  readonly act: ActView
  readonly words: ActWords
  readonly hasKeys: boolean
  readonly onDone?: (answer: Seconded) => void
}): ReactNode {
  const me = useMe()
  const client = useQueryClient()
  const holdsNone = usePersonKey() === null
  const [step, setStep] = useState<"choose" | "sure" | "decline">("choose")
  const [reason, setReason] = useState("")
  const proof = PROOFS[act.kind]
  /** Where whoever asked signed it, and where the custodian acts on it, the second signs too. */
  const mustSign = proof !== undefined || act.grant !== undefined || act.signed.ask
  const done = (answer: Seconded) => {
    keepAnswer(answer)
    onDone?.(answer)
  }
  const approve = useAct(
    async () => {
      // A hand may be faster than the browser's store: what was pressed waits for the key.
      const key = await client.ensureQueryData(personKeyQuery(me.id))
      if (key === null) {
        if (mustSign) throw new CallError("state_conflict", common.key.missing, 409)
        return call<Seconded>("POST", `/v1/acts/${act.id}/second`)
      }
      await proof?.(act, me.id, key)
      const signed = await proveAct(act, "second", { person: me.id, key })
      return call<Seconded>("POST", `/v1/acts/${act.id}/second`, { body: { proof: signed } })
    },
    TOPICS,
    done,
  )
  const sign = useAct(async () => {
    const key = await client.ensureQueryData(personKeyQuery(me.id))
    if (key === null) throw new CallError("state_conflict", common.key.missing, 409)
    return signAsked(act, { person: me.id, key })
  }, TOPICS)
  const decline = useAct(
    async (why: string | undefined) => {
      const body = why === undefined ? {} : { reason: why }
      return { act: await call<ActView>("POST", `/v1/acts/${act.id}/decline`, { body }), result: null }
    },
    TOPICS,
    done,
  )
  const isMine = act.askedBy === me.id
  const mayApprove = act.maySecond && !(mustSign && holdsNone)
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
      when: hasKeys && act.maySecond,
    },
  ])
  if (isMine) {
    return (
      <div className="stack">
        <p className="quiet">{common.act.notYou}</p>
        {!act.signed.ask && <p>{say.notSigned}</p>}
        <div className="row">
          {!act.signed.ask && !holdsNone && (
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
  if (!act.maySecond) return <p className="quiet">{common.act.notYou}</p>
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
            {common.act.approve}
          </Button>
          <Button variant="default" onClick={() => setStep("decline")}>
            {common.act.decline}
          </Button>
        </div>
      )}
      {step === "sure" && (
        <div className="row">
          <Button color="brick" autoFocus loading={approve.isPending} onClick={() => approve.mutate(undefined)}>
            {say.irreversibleSure}
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
            <div className="stack-tight act-reasons">
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
