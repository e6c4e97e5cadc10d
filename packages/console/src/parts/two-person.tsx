/**
 * Approvals by two people, the same on every page: who requested it, what will happen, until when, and buttons to
 * approve it or decline it with a reason.
 *
 * ```tsx
 * <WaitingApprovals of={({ kind, subject }) => kind === "role.grant" && subject === personId} />
 * ```
 * @module
 */
import { compact } from "@nightlight/contract"
import type { ApprovalView } from "@nightlight/contract/server"
import { Link, useLocation } from "@tanstack/react-router"
import { type ReactNode, useEffect, useRef } from "react"
import { approvals as say } from "#messages/approvals.ts"
import { common } from "#messages/common.ts"
import { useCan } from "../api/me.ts"
import { AuthorisationWords } from "./authorisation-words.tsx"
import { Fact, Facts } from "./facts.tsx"
import { Name } from "./name.tsx"
import { Tag } from "./tag.tsx"
import { Ago, Due } from "./time.tsx"
import { ApprovalAnswers } from "./two-person-answers.tsx"
import { type ApprovedResult, useAnswered, useWaitingApprovals } from "./two-person-queries.ts"
import { ApprovalResult } from "./two-person-result.tsx"
import { useApprovalWords } from "./two-person-words.ts"
import "./two-person.css"

interface WaitingApprovalProps {
  readonly approval: ApprovalView
  /** Called after the user answered. The result stays on the page until it is dismissed. */
  readonly onDone?: (answer: ApprovedResult) => void
  /** Whether `a` and `x` answer this approval; on a page with several, only the selected one has keys. */
  readonly hasKeys?: boolean
  /** Whether it takes the focus. */
  readonly isChosen?: boolean
}

/** An approval that waits, or one that the user just answered with its result. */
export function WaitingApproval({
  approval,
  onDone,
  hasKeys = false,
  isChosen = false,
}: WaitingApprovalProps): ReactNode {
  const words = useApprovalWords()(approval)
  const can = useCan()
  const { pathname } = useLocation()
  const answer = useAnswered().get(approval.id)
  const frame = useRef<HTMLElement>(null)
  const isAnswered = answer !== undefined
  useEffect(() => {
    if (isChosen) frame.current?.focus()
  }, [isChosen])
  // The pressed button is gone, so the focus moves to the result.
  useEffect(() => {
    if (isAnswered) frame.current?.focus()
  }, [isAnswered])
  return (
    <article className="approval" ref={frame} tabIndex={-1} aria-label={words.title}>
      <div className="row-between">
        <h3>{words.title}</h3>
        {!isAnswered && <Tag tone={approval.mayApprove ? "accent" : "plain"}>{common.approval.waiting}</Tag>}
      </div>
      <Facts>
        <Fact name={common.approval.requestedBy}>
          <Name id={approval.requestedBy} />, <Ago at={approval.requestedAt} />
        </Fact>
        {words.facts.map(({ name, value }) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        <Fact name={common.approval.why}>
          {words.will}
          {words.isFinal && <strong className="brick"> {say.irreversible}</strong>}
        </Fact>
        {!isAnswered && (
          <Fact name={common.approval.until}>
            <Due at={approval.expiresAt} />
          </Fact>
        )}
      </Facts>
      {approval.kind === "report.automate" && <AuthorisationWords authorisationId={approval.subject} />}
      {words.link !== undefined && words.link.to !== pathname && can(words.link.permission) && (
        <Link to={words.link.to}>{words.link.label}</Link>
      )}
      {answer === undefined ? (
        <ApprovalAnswers approval={approval} words={words} hasKeys={hasKeys} {...compact({ onDone })} />
      ) : (
        <ApprovalResult answer={answer} />
      )}
    </article>
  )
}

/** Every waiting approval of a kind, those first that the user may answer; renders nothing if there is none. */
export function WaitingApprovals({
  of,
  title,
  onDone,
}: {
  readonly of: (approval: ApprovalView) => boolean
  /** Heading above the list. */
  readonly title?: string
  readonly onDone?: (answer: ApprovedResult) => void
}): ReactNode {
  const approvals = useWaitingApprovals(of)
  if (approvals.length === 0) return null
  return (
    <section className="stack" aria-label={title ?? common.approval.confirmTitle}>
      {title !== undefined && <h2>{title}</h2>}
      {approvals.map((approval) => (
        <WaitingApproval key={approval.id} approval={approval} {...compact({ onDone })} />
      ))}
    </section>
  )
}
