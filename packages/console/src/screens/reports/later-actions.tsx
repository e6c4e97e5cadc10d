/**
 * Actions on a report after it was signed.
 * @module
 */
import { Button, Kbd } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../api/call.ts"
import { useCan, useMe } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import type { Step, Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** Resumes a held filing. `isLast`: another action is recommended over it. */
export function Resume({ report, isLast = false }: { readonly report: Summary; readonly isLast?: boolean }): ReactNode {
  const action = useAction(
    () => call<Summary>("POST", `/v1/reports/${report.id}/resume`, { body: { version: report.version } }),
    ["reports", "alarms"],
  )
  const run = () => action.mutate(undefined)
  useKeys([{ key: "r", label: say.key.resume, group: say.key.group, run, when: !isLast && !action.isPending }])
  return (
    <div className="stack">
      {!isLast && <p>{say.held.canResume}</p>}
      <div>
        <Button
          variant={isLast ? "default" : "filled"}
          onClick={run}
          loading={action.isPending}
          rightSection={isLast ? undefined : <Kbd size="xs">r</Kbd>}
        >
          {say.held.resume}
        </Button>
      </div>
      <Fault error={action.error} />
    </div>
  )
}

const WITHDRAWABLE: readonly Summary["state"][] = ["draft", "proposed", "approved", "held"]

/** Withdraws a report that was not filed. */
export function WithdrawReport({
  report,
  steps,
  isFirst = false,
}: {
  readonly report: Summary
  readonly steps: readonly Step[]
  /** Whether it is the recommended action. */
  readonly isFirst?: boolean
}): ReactNode {
  const [isConfirming, setConfirming] = useState(false)
  const action = useAction(
    () => call<Summary>("POST", `/v1/reports/${report.id}/withdraw`, { body: { version: report.version } }),
    ["reports", "cases", "alarms"],
  )
  const isUndecided = report.state === "held" && report.heldCode === "undecided"
  const hasBegun = report.state === "approved" && steps.length > 0
  if (!WITHDRAWABLE.includes(report.state) || hasBegun) return null
  if (isUndecided) return <p className="quiet">{say.giveUp.undecided}</p>
  return (
    <div className="stack">
      {isConfirming ? (
        <>
          <p>{say.giveUp.text}</p>
          <div className="row">
            <Button color="brick" autoFocus onClick={() => action.mutate(undefined)} loading={action.isPending}>
              {say.giveUp.sure}
            </Button>
            <Button variant="default" onClick={() => setConfirming(false)}>
              {common.back}
            </Button>
          </div>
        </>
      ) : (
        <div>
          <Button variant={isFirst ? "filled" : "default"} onClick={() => setConfirming(true)}>
            {say.giveUp.do}
          </Button>
        </div>
      )}
      <Fault error={action.error} />
    </div>
  )
}

/** Starts a follow-up of a filed report, or a new report after a withdrawn one. */
export function FollowUp({ report }: { readonly report: Summary }): ReactNode {
  const can = useCan()
  const navigate = useNavigate()
  const isAnew = report.state === "withdrawn"
  const action = useAction(
    () => call<Summary>("POST", `/v1/cases/${report.caseId}/reports`, { body: isAnew ? {} : { kind: "follow-up" } }),
    ["reports"],
    ({ id }) => void navigate({ to: "/reports/$reportId", params: { reportId: id } }),
  )
  const isCounted = report.environment === "production"
  const run = () => action.mutate(undefined)
  const isOffered = can("report:prepare") && (isAnew || isCounted)
  useKeys([
    {
      key: "f",
      label: isAnew ? say.followUp.anew : say.followUp.do,
      group: say.key.group,
      run,
      when: isOffered && !action.isPending,
    },
  ])
  if (!can("report:prepare")) return null
  if (!isOffered) return <p className="quiet">{say.followUp.notOfTest}</p>
  return (
    <div className="stack">
      {!isAnew && <p>{say.followUp.text}</p>}
      <div>
        <Button onClick={run} loading={action.isPending} rightSection={<Kbd size="xs">f</Kbd>}>
          {isAnew ? say.followUp.anew : say.followUp.do}
        </Button>
      </div>
      <Fault error={action.error} />
    </div>
  )
}

const REVIEWABLE: readonly Summary["state"][] = ["approved", "held", "finished"]

/** Records another person's review of a report that was filed by one person or automatically. */
export function ReviewAlone({ report }: { readonly report: Summary }): ReactNode {
  const can = useCan()
  const { id: me } = useMe()
  const action = useAction(
    () => call<Summary>("POST", `/v1/reports/${report.id}/single-person-review`),
    ["reports", "alarms"],
  )
  const { singlePersonReason, automatic, singlePersonReviewedBy, preparedBy, state } = report
  const isToReview =
    (singlePersonReason !== undefined || automatic !== undefined) && singlePersonReviewedBy === undefined
  if (!isToReview || !REVIEWABLE.includes(state) || !can("report:approve")) return null
  if (preparedBy === me) return <p className="quiet">{say.review.notYou}</p>
  return (
    <div className="stack">
      <p>{automatic === undefined ? say.review.alone : say.review.automatic}</p>
      <div>
        <Button onClick={() => action.mutate(undefined)} loading={action.isPending}>
          {say.review.do}
        </Button>
      </div>
      <Fault error={action.error} />
    </div>
  )
}
