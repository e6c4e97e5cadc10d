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
import { HistoryView } from "./history-view.tsx"
import { ItemsTable } from "./items-table.tsx"
import { alikeOf, inNearOrder } from "./near.ts"
import { type CaseDetail, type CaseItem, historyQuery, nearQuery } from "./queries.ts"
import { SiblingsView } from "./siblings-view.tsx"
import { titleOf } from "./strengths.ts"
import { cases as say } from "./words.ts"

const { keys } = say

/** Comes with the custodian's proofs when somebody looks first. */
const Viewing = lazy(async () => ({ default: (await import("../../viewing/viewing-dialog.tsx")).Viewing }))

/** The middle column. Mount it with the case's id as `key`: what was opened of one case is closed in the next. */
export function CaseView({
  head,
  items: attached,
}: {
  readonly head: CaseDetail
  readonly items: readonly CaseItem[]
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
  const [viewing, setViewing] = useState<CaseItem>()
  const mayOpen =
    can("case:context") &&
    (head.mine ||
      can("case:context-unclaimed") ||
      (can("case:context-reportable") && head.decided?.outcome === "reportable"))
  const { data: near } = useQuery({ ...nearQuery(head.caseId), enabled: mayOpen && attached.length > 0 })
  const caseItems = inNearOrder(attached, near)
  const caseItem = caseItems.find(({ itemId }) => itemId === chosen) ?? caseItems[0]
  const mayView = head.mine && can("viewing:derivative")
  const open = () => caseItem !== undefined && setOpened(new Set([...opened, caseItem.itemId]))
  // That somebody looked stands in the case's history, and what may be said of a decision depends on it.
  const closeViewing = () => {
    setViewing(undefined)
    void client.invalidateQueries({ queryKey: historyQuery(head.caseId).queryKey })
  }
  const view = (itemId: string) => setViewing(caseItems.find((each) => each.itemId === itemId))
  const step = () =>
    setChosen(
      caseItems[(caseItems.findIndex(({ itemId }) => itemId === caseItem?.itemId) + 1) % caseItems.length]?.itemId,
    )
  useKeys([
    { key: "i", label: keys.item, group: keys.group, run: step, when: caseItems.length > 1 },
    { key: "c", label: keys.context, group: keys.group, run: open, when: mayOpen },
    {
      key: "v",
      label: keys.viewing,
      group: keys.group,
      run: () => setViewing(caseItem),
      when: mayView && caseItem?.evidence?.content === "verified",
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
      <CaseSummary head={head} items={attached} />
      {head.state === "resolution" && <DecisionsView head={head} />}
      <section className="stack">
        <h2>{say.itemsTitle}</h2>
        <ItemsTable
          items={caseItems}
          chosen={caseItem?.itemId}
          onChoose={setChosen}
          onView={mayView ? view : undefined}
          alike={alikeOf(head.caseId, attached, near)}
        />
      </section>
      <ContextView
        caseId={head.caseId}
        item={caseItem}
        isOpen={mayOpen && caseItem !== undefined && opened.has(caseItem.itemId)}
        onOpen={open}
        mayOpen={mayOpen}
      />
      <SiblingsView head={head} />
      {head.state !== "resolution" && <DecisionsView head={head} />}
      <HistoryView caseId={head.caseId} />
      {mayView && viewing !== undefined && (
        <Suspense>
          <Viewing caseId={head.caseId} item={viewing} onClosed={closeViewing} />
        </Suspense>
      )}
    </Page>
  )
}
