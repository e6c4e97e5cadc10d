/**
 * One case: five facts, its items, the context where asked for, what was decided, what was done. No media.
 * @module
 */
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react"
import { danger } from "#messages/danger.ts"
import { useCan } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { DangerCallState } from "../../parts/danger-call.tsx"
import { Id } from "../../parts/id.tsx"
import { Page } from "../../parts/page.tsx"
import { Tag } from "../../parts/tag.tsx"
import { CaseSummary } from "./case-summary.tsx"
import { ContextView } from "./context-view.tsx"
import { DecisionsView } from "./decisions-view.tsx"
import { FindsTable } from "./finds-table.tsx"
import { HistoryView } from "./history-view.tsx"
import { alikeOf, inNearOrder } from "./near.ts"
import { type CaseDetail, type Find, historyQuery, nearQuery } from "./queries.ts"
import { SiblingsView } from "./siblings-view.tsx"
import { titleOf } from "./strengths.ts"
import { cases as say } from "./words.ts"

const { keys } = say

/** Comes with the custodian's proofs when somebody looks first. */
const Look = lazy(async () => ({ default: (await import("../../looking/look.tsx")).Look }))

/** The middle column. Mount it with the case's id as `key`: what was opened of one case is closed in the next. */
export function CaseView({
  head,
  finds: attached,
}: {
  readonly head: CaseDetail
  readonly finds: readonly Find[]
}): ReactNode {
  const can = useCan()
  const client = useQueryClient()
  const title = useRef<HTMLHeadingElement>(null)
  // Whoever decided the case before by keyboard goes on here: what had the focus then is gone.
  useEffect(() => {
    if (document.activeElement === document.body) title.current?.focus({ preventScroll: true })
  }, [])
  const [chosen, setChosen] = useState<string>()
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [looking, setLooking] = useState<Find>()
  const mayOpen =
    can("case:context") &&
    (head.mine ||
      can("case:context-unclaimed") ||
      (can("case:context-reportable") && head.decided?.outcome === "reportable"))
  const { data: near } = useQuery({ ...nearQuery(head.caseId), enabled: mayOpen && attached.length > 0 })
  const finds = inNearOrder(attached, near)
  const find = finds.find(({ findId }) => findId === chosen) ?? finds[0]
  const mayLook = head.mine && can("look:derivative")
  const open = () => find !== undefined && setOpened(new Set([...opened, find.findId]))
  // That somebody looked stands in the case's history, and what may be said of a decision depends on it.
  const closeLook = () => {
    setLooking(undefined)
    void client.invalidateQueries({ queryKey: historyQuery(head.caseId).queryKey })
  }
  const look = (findId: string) => setLooking(finds.find((each) => each.findId === findId))
  const step = () =>
    setChosen(finds[(finds.findIndex(({ findId }) => findId === find?.findId) + 1) % finds.length]?.findId)
  useKeys([
    { key: "i", label: keys.item, group: keys.group, run: step, when: finds.length > 1 },
    { key: "c", label: keys.context, group: keys.group, run: open, when: mayOpen },
    {
      key: "v",
      label: keys.look,
      group: keys.group,
      run: () => setLooking(find),
      when: mayLook && find?.evidence?.content === "verified",
    },
  ])
  return (
    <Page
      title={titleOf(head)}
      titleRef={title}
      lines={
        <p className="quiet row">
          <Id id={head.caseId} />
          <span>{say.states[head.state]}</span>
          {head.danger && <Tag tone="amber">{say.reasons["imminent-danger"]}</Tag>}
          {head.mine && <Tag tone="accent">{say.claim.mine}</Tag>}
        </p>
      }
      isColumn
    >
      {head.danger && head.decided === undefined && (
        <p className="cases-danger">
          <DangerCallState caseId={head.caseId} /> {danger.first}
        </p>
      )}
      <CaseSummary head={head} finds={attached} />
      {head.state === "resolution" && <DecisionsView head={head} />}
      <section className="stack">
        <h2>{say.findsTitle}</h2>
        <FindsTable
          finds={finds}
          chosen={find?.findId}
          onChoose={setChosen}
          onLook={mayLook ? look : undefined}
          alike={alikeOf(head.caseId, attached, near)}
        />
      </section>
      <ContextView
        caseId={head.caseId}
        find={find}
        isOpen={mayOpen && find !== undefined && opened.has(find.findId)}
        onOpen={open}
        mayOpen={mayOpen}
      />
      <SiblingsView head={head} />
      {head.state !== "resolution" && <DecisionsView head={head} />}
      <HistoryView caseId={head.caseId} />
      {mayLook && looking !== undefined && (
        <Suspense>
          <Look caseId={head.caseId} find={looking} onClosed={closeLook} />
        </Suspense>
      )}
    </Page>
  )
}
