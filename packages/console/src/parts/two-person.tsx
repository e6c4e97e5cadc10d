/**
 * Acts that take two people, shown the same way everywhere: asked by whom, what will happen, until when; approve, or
 * decline with a reason.
 *
 * ```tsx
 * <WaitingActs of={({ kind, subject }) => kind === "role.grant" && subject === personId} />
 * ```
 * @module
 */
import { compact } from "@nightlight/contract"
import type { ActView } from "@nightlight/contract/server"
import { Link, useLocation } from "@tanstack/react-router"
import { type ReactNode, useEffect, useRef } from "react"
import { acts as say } from "#messages/acts.ts"
import { common } from "#messages/common.ts"
import { useCan } from "../api/me.ts"
import { Fact, Facts } from "./facts.tsx"
import { Name } from "./name.tsx"
import { StandingWords } from "./standing-words.tsx"
import { Tag } from "./tag.tsx"
import { Ago, Due } from "./time.tsx"
import { ActAnswers } from "./two-person-answers.tsx"
import { type Seconded, useAnswered, useWaitingActs } from "./two-person-queries.ts"
import { ActResult } from "./two-person-result.tsx"
import { useActWords } from "./two-person-words.ts"
import "./two-person.css"

/** What {@link WaitingAct} shows. */
export interface WaitingActProps {
  readonly act: ActView
  /** After the reader answered; the answer itself stays on the page until it is put away. */
  readonly onDone?: (answer: Seconded) => void
  /** Whether `a` and `x` answer this one: a page with several has one chosen. */
  readonly hasKeys?: boolean
  /** Takes the focus. */
  readonly isChosen?: boolean
}

/** One act that waits, or that the reader just answered. */
export function WaitingAct({ act, onDone, hasKeys = false, isChosen = false }: WaitingActProps): ReactNode {
  const words = useActWords()(act)
  const can = useCan()
  const { pathname } = useLocation()
  const answer = useAnswered().get(act.id)
  const frame = useRef<HTMLElement>(null)
  const isAnswered = answer !== undefined
  useEffect(() => {
    if (isChosen) frame.current?.focus()
  }, [isChosen])
  // The buttons are gone: whoever pressed one by keyboard is led on to what it came to.
  useEffect(() => {
    if (isAnswered) frame.current?.focus()
  }, [isAnswered])
  return (
    <article className="act" ref={frame} tabIndex={-1} aria-label={words.title}>
      <div className="row-between">
        <h3>{words.title}</h3>
        {!isAnswered && <Tag tone={act.maySecond ? "accent" : "plain"}>{common.act.waiting}</Tag>}
      </div>
      <Facts>
        <Fact name={common.act.askedBy}>
          <Name id={act.askedBy} />, <Ago at={act.askedAt} />
        </Fact>
        {words.facts.map(({ name, value }) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        <Fact name={common.act.why}>
          {words.will}
          {words.isFinal && <strong className="brick"> {say.irreversible}</strong>}
        </Fact>
        {!isAnswered && (
          <Fact name={common.act.until}>
            <Due at={act.expiresAt} />
          </Fact>
        )}
      </Facts>
      {act.kind === "report.automate" && <StandingWords standingId={act.subject} />}
      {words.link !== undefined && words.link.to !== pathname && can(words.link.permission) && (
        <Link to={words.link.to}>{words.link.label}</Link>
      )}
      {answer === undefined ? (
        <ActAnswers act={act} words={words} hasKeys={hasKeys} {...compact({ onDone })} />
      ) : (
        <ActResult answer={answer} />
      )}
    </article>
  )
}

/** Every act of one sort that waits, those first that the reader may answer; nothing where none does. */
export function WaitingActs({
  of,
  title,
  onDone,
}: {
  readonly of: (act: ActView) => boolean
  /** Heading above them. */
  readonly title?: string
  readonly onDone?: (answer: Seconded) => void
}): ReactNode {
  const acts = useWaitingActs(of)
  if (acts.length === 0) return null
  return (
    <section className="stack" aria-label={title ?? common.act.confirmTitle}>
      {title !== undefined && <h2>{title}</h2>}
      {acts.map((act) => (
        <WaitingAct key={act.id} act={act} {...compact({ onDone })} />
      ))}
    </section>
  )
}
