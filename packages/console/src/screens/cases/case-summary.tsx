import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { HOUR_MS } from "../../parts/durations.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime, listed } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { SourceName } from "../../parts/source-name.tsx"
import { Ago, Due } from "../../parts/time.tsx"
import { suggestionOf } from "./decide/suggestion.ts"
import { type CaseDetail, type CaseItem, caseReportsQuery, rulesQuery } from "./queries.ts"
import { SiblingsCount } from "./siblings-view.tsx"
import { strengthsOf, titleOf } from "./strengths.ts"
import { basisWord, cases as say } from "./words.ts"

const { facts } = say

const RULES_SHOWN = 5

/** The summary that a case opens with: five facts, always in the same order. */
export function CaseSummary({
  head,
  items: caseItems,
}: {
  readonly head: CaseDetail
  readonly items: readonly CaseItem[]
}): ReactNode {
  return (
    <Facts>
      <Fact name={facts.matched} origin={<Certainty head={head} />}>
        <strong>{titleOf({ ...head, band: strengthsOf(head)[0] ?? "other" })}</strong>
        {head.lists.length > 0 && ` · ${facts.lists(listed(head.lists), listed(head.categories))}`}
      </Fact>
      <Fact
        name={facts.from}
        origin={
          <>
            <SourceName id={head.source} />
            <SiblingsCount head={head} />
          </>
        }
      >
        {say.filter.kind[head.kind]} · {say.items(head.items, head.locations)}
      </Fact>
      <Fact name={facts.knew}>
        <Knowledge head={head} />
      </Fact>
      <Fact name={facts.done}>
        <DoneSoFar head={head} items={caseItems} />
      </Fact>
      <Fact name={facts.suggests} origin={<Rules items={caseItems} />}>
        {say.suggestion[suggestionOf(head, caseItems).code]}
      </Fact>
    </Facts>
  )
}

/** How certain each kind of match is. */
function Certainty({ head }: { readonly head: CaseDetail }): ReactNode {
  const strengths = strengthsOf(head)
  return (
    <>
      {strengths.map((strength) => (
        <span key={strength} className="block">
          {strengths.length > 1 && `${say.counted[strength](head.strengths[strength])}: `}
          {facts.certain[strength]}
        </span>
      ))}
      {head.danger && <span className="block">{facts.danger}</span>}
    </>
  )
}

/** Whether so much time passed between finding the item and opening the case that the reviewer should know. */
const isLater = (openedAt: string, foundAt: string) => Date.parse(openedAt) - Date.parse(foundAt) >= HOUR_MS

function Knowledge({ head }: { readonly head: CaseDetail }): ReactNode {
  const { knowledge, dueAt, clockRunning, state, foundAt, openedAt } = head
  const isBlind = state === "second-review"
  return (
    <>
      {knowledge === undefined
        ? isBlind
          ? facts.hiddenKnowledge
          : facts.noKnowledge
        : `${dateTime(knowledge.at)}, ${facts.knowledgeBy[knowledge.by]}`}
      {foundAt !== undefined && isLater(openedAt, foundAt) && (
        <span className="block quiet">{facts.foundBefore(dateTime(foundAt), dateTime(openedAt))}</span>
      )}
      {dueAt !== undefined && (
        <span className="block">
          {clockRunning ? (
            <>
              {facts.dueLine} <Due at={dueAt} />.
            </>
          ) : (
            facts.clockStopped
          )}
        </span>
      )}
    </>
  )
}

function DoneSoFar({
  head,
  items: caseItems,
}: {
  readonly head: CaseDetail
  readonly items: readonly CaseItem[]
}): ReactNode {
  const sealed = caseItems.filter(({ evidence }) => evidence?.content === "verified").length
  const can = useCan()
  return (
    <>
      {sealed > 0 && (
        <span className="block">
          {can("preservation:read") ? (
            <Link to="/evidence/$tab/$id" params={{ tab: "preserved", id: head.caseId }}>
              {facts.sealed(sealed)}
            </Link>
          ) : (
            facts.sealed(sealed)
          )}
        </span>
      )}
      {head.knownItems > 0 && <span className="block">{facts.known(head.knownItems)}</span>}
      {head.decided !== undefined && (
        <span className="block">
          {facts.decidedAs(basisWord(head.decided.basis))} <Ago at={head.decided.at} />
        </span>
      )}
      {head.filedAt !== undefined && (
        <span className="block">
          {facts.filed} <Ago at={head.filedAt} />
        </span>
      )}
      {can("report:read") && <Reports caseId={head.caseId} />}
      {sealed === 0 && head.knownItems === 0 && head.decided === undefined && facts.nothingDone}
    </>
  )
}

/** The case's reports, each as a link. */
function Reports({ caseId }: { readonly caseId: string }): ReactNode {
  const { data: reports = [] } = useQuery(caseReportsQuery(caseId))
  return reports.map(({ id, remoteReportId }) => (
    <span key={id} className="block">
      <Link to="/reports/$reportId" params={{ reportId: id }}>
        {remoteReportId === undefined ? say.report.open : say.report.receipt(remoteReportId)}
      </Link>{" "}
      <Id id={id} />
    </span>
  ))
}

/** The policy's words about the rules that selected the items. */
function Rules({ items: caseItems }: { readonly items: readonly CaseItem[] }): ReactNode {
  const { data: words } = useQuery(rulesQuery)
  return [...new Set(caseItems.map(({ rule }) => rule))].slice(0, RULES_SHOWN).map((rule) => (
    <span key={rule} className="block">
      {facts.rule(rule, words?.get(rule))}
    </span>
  ))
}
