import type { UseMutationResult } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan, useMe } from "../../api/me.ts"
import { useApprovalRequest } from "../../custody/use-approval-request.ts"
import { shortId } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { type Offer, OfferedActions, OfferForm } from "../../parts/offered-actions.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { WaitingApprovals } from "../../parts/two-person.tsx"
import { useWaitingApprovals } from "../../parts/two-person-queries.ts"
import { useAction } from "../../parts/use-action.ts"
import { endSuppression, type FalsePositive, requestSuppression, withdraw } from "./queries.ts"
import { lists as say } from "./words.ts"

const { falsePositives: words } = say

/** One false positive: what was reported, its state, and the actions on it. `hasList`: names its list. */
export function FalsePositiveItem({
  falsePositive,
  hasList,
}: {
  readonly falsePositive: FalsePositive
  readonly hasList: boolean
}): ReactNode {
  const can = useCan()
  const { falsePositiveId, list, caseId, reason, state, entries, openedBy, openedAt, changedBy, changedAt } =
    falsePositive
  const { because } = falsePositive.suppression
  const about = ({ kind, subject }: { readonly kind: string; readonly subject: string }) =>
    kind === "list.false-positive" && subject === falsePositiveId
  return (
    <article className="stack-tight" aria-label={words.reasons[reason]}>
      <div className="row-between">
        <h3>{words.reasons[reason]}</h3>
        <Tag tone={state === "open" ? "accent" : "plain"}>{words.states[state]}</Tag>
      </div>
      <p className="quiet">
        {hasList && (
          <>
            {words.onList}{" "}
            <Link to="/lists/$list" params={{ list }}>
              {list}
            </Link>
            ,{" "}
          </>
        )}
        {words.opened} <Name id={openedBy} />, <Ago at={openedAt} />
        {changedBy !== undefined && changedAt !== undefined && state !== "open" && (
          <>
            ; {words.changed[state]} <Name id={changedBy} />, <Ago at={changedAt} />
          </>
        )}
      </p>
      <p>
        {words.stateLines[state]} {words.entries(entries)}{" "}
        {can("case:read") && (
          <Link to="/cases/$caseId" params={{ caseId }} aria-label={`${words.case} ${shortId(caseId)}`}>
            {words.case}
          </Link>
        )}
      </p>
      {state === "open" && because !== undefined && <p className="quiet">{words.barred[because]}</p>}
      <WaitingApprovals of={about} />
      <FalsePositiveOffers
        falsePositive={falsePositive}
        waits={useWaitingApprovals(about).some((action) => action.state === "waiting")}
      />
    </article>
  )
}

/** The actions on a false positive that the user may take. */
export function FalsePositiveOffers({
  falsePositive,
  waits,
}: {
  readonly falsePositive: FalsePositive
  readonly waits: boolean
}): ReactNode {
  const can = useCan()
  const me = useMe()
  const { falsePositiveId, state, openedBy, suppression } = falsePositive
  const maySettle = can("false-positive:suppress")
  const mayTakeBack = can("false-positive:report") && (openedBy === me.id || maySettle)
  const offers: readonly (Offer | false)[] = [
    maySettle &&
      state === "open" &&
      suppression.possible &&
      !waits && {
        id: "false-positive",
        label: words.suppression.open,
        form: (close) => (
          <RequestSuppression
            id={falsePositiveId}
            label={words.suppression.do}
            done={words.suppression.requested}
            onClose={close}
          >
            <p>{words.suppression.what}</p>
            <p className="quiet">{words.suppression.workspace}</p>
          </RequestSuppression>
        ),
      },
    mayTakeBack &&
      state === "open" && {
        id: "withdraw",
        label: words.withdraw.open,
        form: (close) => (
          <Confirm
            id={falsePositiveId}
            run={withdraw}
            label={words.withdraw.do}
            done={words.withdraw.done}
            onClose={close}
          >
            <p>{words.withdraw.what}</p>
          </Confirm>
        ),
      },
    maySettle &&
      state === "accepted" && {
        id: "end",
        label: words.end.open,
        form: (close) => (
          <Confirm id={falsePositiveId} run={endSuppression} label={words.end.do} done={words.end.done} onClose={close}>
            <p>{words.end.what}</p>
          </Confirm>
        ),
      },
  ]
  const offered = offers.filter((offer) => offer !== false)
  return (
    <div className="lists-offers">
      <OfferedActions offers={offered} />
    </div>
  )
}

interface ConfirmProps {
  readonly id: string
  readonly run: (id: string) => Promise<unknown>
  readonly label: string
  readonly done: string
  readonly onClose: (announcement?: string) => void
  readonly children: ReactNode
}

function Confirm(props: ConfirmProps): ReactNode {
  const action = useAction(props.run, ["lists", "approvals"], () => props.onClose(props.done))
  return <ConfirmForm {...props} action={action} />
}

/** Requests that the match is ignored on this item: the requester signs, and another person approves. */
function RequestSuppression(props: Omit<ConfirmProps, "run">): ReactNode {
  const action = useApprovalRequest(
    requestSuppression,
    (subject) => ({ kind: "list.false-positive", subject }),
    ["lists", "approvals"],
    () => props.onClose(props.done),
  )
  return <ConfirmForm {...props} action={action} />
}

function ConfirmForm({
  action,
  ...props
}: Omit<ConfirmProps, "run"> & { readonly action: UseMutationResult<unknown, Error, string> }): ReactNode {
  return (
    <OfferForm action={action} label={props.label} onCancel={props.onClose} onSubmit={() => action.mutate(props.id)}>
      {props.children}
    </OfferForm>
  )
}
