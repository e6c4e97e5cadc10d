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

/** Loaded at the first viewing, together with the custodian's proofs. */
const Viewing = lazy(async () => ({ default: (await import("../../viewing/viewing-dialog.tsx")).Viewing }))

/**
 * The middle column: a case's summary, its items, the context of one item once it is opened, decisions and history. No
 * media. Mount it with the case's id as `key`, so that an opened context closes with its case.
 */
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
  // After a decision by keyboard, the focused element is gone with the case before.
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
  // A viewing is recorded in the case's history, and rules out a rationale template for those who viewed.
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
          {head.danger && <Tag tone="amber">{danger.flag}</Tag>}
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
