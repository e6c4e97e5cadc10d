import { Button, Modal } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { compact } from "@nightlight/contract"
import type { DecisionBody, FlaggedCase } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useEffect } from "react"
import { common } from "#messages/common.ts"
import { danger } from "#messages/danger.ts"
import { call } from "../../api/call.ts"
import { useCan, useMe } from "../../api/me.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { useKeys } from "../../keys/keys.tsx"
import { callQuery } from "../../parts/danger-call.tsx"
import { dateTime } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { FalsePositiveButton } from "../lists/false-positive-button.tsx"
import { KeptWords } from "./decide/kept-words.tsx"
import { DecisionPanel } from "./decide/panel.tsx"
import { type CaseDetail, type CaseItem, releaseCase, renewClaim, showCase, takeCase } from "./queries.ts"
import { Referrals } from "./referrals.tsx"
import { cases as say } from "./words.ts"

const { claim: words, keys } = say
const RENEW_MS = 5 * 60_000
const JUDGED: readonly string[] = ["open", "second-review", "resolution"]

interface ActionColumnProps {
  readonly head: CaseDetail
  readonly items: readonly CaseItem[]
  readonly onDecided: (decided: CaseDetail, basis: DecisionBody["basis"]) => void
  /** Whether the user decided it just now, and can still undo that. */
  readonly isGiven: boolean
}

/** The right column of a case: claim it, decide it, flag imminent danger, release it, prepare its report. */
export function ActionColumn({ head, items: caseItems, onDecided, isGiven }: ActionColumnProps): ReactNode {
  const can = useCan()
  const me = useMe()
  const navigate = useNavigate()
  const isJudged = JUDGED.includes(head.state)
  const mayJudge = isJudged && can(head.state === "resolution" ? "case:resolve" : "case:review")
  if (head.mine && mayJudge) return <ClaimedActions head={head} items={caseItems} onDecided={onDecided} />
  return (
    <div className="stack">
      {head.claim !== undefined && !head.mine && (
        <p role="status">
          <Name id={head.claim.by} /> {words.by} {dateTime(head.claim.until)}.
        </p>
      )}
      {mayJudge && head.claim === undefined && <TakeButton head={head} />}
      {!isGiven && <KeptWords key={head.caseId} caseId={head.caseId} />}
      {isJudged && !mayJudge && (
        <p className="quiet">{me.training?.current === false ? words.training : words.readOnly}</p>
      )}
      {head.state === "second-review" && can("case:waive-second-review") && <WaiveForm caseId={head.caseId} />}
      {head.decided?.outcome === "not-violation" && can("false-positive:report") && (
        <FalsePositiveButton caseId={head.caseId} items={caseItems} />
      )}
      {head.decided?.outcome === "reportable" && can("report:prepare") && head.filedAt === undefined && (
        <Button onClick={() => void navigate({ to: "/reports", search: { case: head.caseId } })}>
          {say.report.start}
        </Button>
      )}
      {head.decided?.outcome === "reportable" && can("report:read") && <Referrals caseId={head.caseId} />}
    </div>
  )
}

function TakeButton({ head }: { readonly head: CaseDetail }): ReactNode {
  const take = useAction(takeCase, ["cases"], (taken, _input, client) => showCase(client, taken))
  useKeys([{ key: "Enter", label: keys.take, group: keys.group, run: () => take.isPending || take.mutate(head) }])
  return (
    <>
      <Button
        onClick={() => take.mutate(head)}
        loading={take.isPending}
        rightSection={<span aria-hidden="true">↵</span>}
      >
        {words.take}
      </Button>
      <p className="quiet">{words.takeHint}</p>
      <Fault error={take.error} />
    </>
  )
}

function ClaimedActions({ head, items: caseItems, onDecided }: Omit<ActionColumnProps, "isGiven">): ReactNode {
  const renew = useAction(renewClaim, [])
  const release = useAction(releaseCase, ["cases"])
  const { mutate: renewNow } = renew
  useEffect(() => {
    const timer = setInterval(() => renewNow(head.caseId), RENEW_MS)
    return () => clearInterval(timer)
  }, [renewNow, head.caseId])
  return (
    <div className="stack-wide">
      <DecisionPanel key={`${head.caseId} ${head.state}`} head={head} items={caseItems} onDecided={onDecided} />
      <div className="stack">
        <hr className="rule" />
        {!head.danger && <DangerButton caseId={head.caseId} />}
        <Button variant="subtle" onClick={() => release.mutate(head.caseId)} loading={release.isPending}>
          {words.release}
        </Button>
        <Fault error={release.error} />
      </div>
    </div>
  )
}

/** Flagging danger cannot be undone, so it asks for confirmation, which a key that is still held does not give. */
function DangerButton({ caseId }: { readonly caseId: string }): ReactNode {
  const [isOpen, { open, close }] = useDisclosure(false)
  const { data: state } = useQuery({ ...callQuery(caseId), enabled: isOpen })
  const flag = useAction(
    (id: string) => call<SchemaOutput<typeof FlaggedCase>>("POST", `/v1/cases/${id}/danger`, { body: {} }),
    ["cases"],
    ({ onCall, call: made }, _id, client) => {
      client.setQueryData(callQuery(caseId).queryKey, compact({ onCall, call: made }))
      close()
    },
  )
  useKeys([{ key: "d", label: keys.danger, group: keys.group, run: open }])
  return (
    <>
      <Button color="brick" variant="outline" onClick={open}>
        {danger.flag}
      </Button>
      <Modal opened={isOpen} onClose={close} title={danger.ask.title} closeButtonProps={{ "aria-label": common.close }}>
        <div className="stack">
          <p>{danger.ask[state?.onCall.pager ?? "loading"]}</p>
          {state !== undefined && <p>{danger.telephone(state.onCall.contact)}</p>}
          <Fault error={flag.error} />
          <div className="row">
            <Button variant="default" onClick={close} data-autofocus>
              {common.cancel}
            </Button>
            <Button color="brick" onClick={() => flag.mutate(caseId)} loading={flag.isPending}>
              {danger.ask.yes}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  )
}

function WaiveForm({ caseId }: { readonly caseId: string }): ReactNode {
  const waive = useAction(
    (reason: string) => call<CaseDetail>("POST", `/v1/cases/${caseId}/second-review/waive`, { body: { reason } }),
    ["cases"],
  )
  return (
    <section className="stack">
      <h2>{say.waive.title}</h2>
      <p className="quiet">{say.waive.lead}</p>
      {(["no-second-reviewer", "deadline"] as const).map((reason) => (
        <Button key={reason} variant="default" onClick={() => waive.mutate(reason)}>
          {say.waive.button}: {say.waive.reason[reason]}
        </Button>
      ))}
      <Fault error={waive.error} />
    </section>
  )
}
