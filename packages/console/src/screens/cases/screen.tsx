import { Button, Kbd } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useNavigate, useParams } from "@tanstack/react-router"
import { type ReactNode, useCallback, useState } from "react"
import { useCan } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { ChangedList } from "../../parts/changed-list.tsx"
import { bothOf, Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { Empty, Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { usePages } from "../../parts/use-pages.ts"
import { Columns } from "../../shell/columns.tsx"
import { LoadedRows } from "../../shell/loaded-rows.tsx"
import { ActionColumn } from "./action-column.tsx"
import { ROW_HEIGHT, Row } from "./case-row.tsx"
import { CaseView } from "./case-view.tsx"
import { forgetDraft, hasDraft } from "./decide/draft.ts"
import { type GivenDecision, UndoBar } from "./decide/undo-bar.tsx"
import { FIRST_FILTER, Filter, toQuery } from "./filter.tsx"
import { caseQuery, casesQuery, itemsQuery, releaseCase, showCase, takeNext } from "./queries.ts"
import { cases as say } from "./words.ts"
import "./cases.css"

/** The cases page: the list, the selected case, and the actions on it. */
export function CasesScreen(): ReactNode {
  const { caseId } = useParams({ strict: false })
  const navigate = useNavigate()
  const can = useCan()
  const [given, setGiven] = useState<GivenDecision>()
  const [isDone, setDone] = useState(false)
  const show = useCallback((id: string) => void navigate({ to: "/cases/$caseId", params: { caseId: id } }), [navigate])
  const next = useAction(takeNext, ["cases"], (head, _input, client) => {
    setDone(head === undefined)
    if (head === undefined) return void navigate({ to: "/cases" })
    showCase(client, head)
    show(head.caseId)
  })
  const taken = next.data?.caseId
  const giveBack = useAction(releaseCase, ["cases"])
  useKeys([
    {
      key: "x",
      label: say.keys.next,
      group: say.keys.group,
      run: () => next.isPending || next.mutate(undefined),
      when: can("case:review"),
    },
  ])
  // The draft is kept while the decision can be undone.
  const over = useCallback(() => {
    if (given !== undefined) forgetDraft(given.caseId)
    setGiven(undefined)
  }, [given])
  const undo = given !== undefined && (
    <UndoBar
      given={given}
      onOver={over}
      onUndone={({ caseId: id }) => {
        setGiven(undefined)
        // The next case was claimed automatically: it is released unless the user has begun to decide it.
        if (taken !== undefined && taken !== id && !hasDraft(taken)) giveBack.mutate(taken)
        show(id)
      }}
    />
  )
  return (
    <>
      {undo}
      <Columns
        listLabel={say.listLabel}
        list={
          <List
            chosen={caseId}
            onChoose={show}
            onNext={can("case:review") ? () => next.mutate(undefined) : undefined}
            isTaking={next.isPending}
            error={next.error}
          />
        }
        chosen={caseId}
        actions={
          caseId === undefined ? undefined : (
            <Actions
              caseId={caseId}
              isGiven={given?.caseId === caseId}
              onGiven={(decision) => {
                over()
                setGiven(decision)
                next.mutate(undefined)
              }}
            />
          )
        }
        actionsLabel={say.decide.title}
      >
        {caseId === undefined ? (
          <Overview isDone={isDone} mayTake={can("case:review")} />
        ) : (
          <SelectedCase caseId={caseId} />
        )}
      </Columns>
    </>
  )
}

/** The middle column while no case is selected. */
function Overview({ isDone, mayTake }: { readonly isDone: boolean; readonly mayTake: boolean }): ReactNode {
  return (
    <Page title={say.title} lead={say.lead} isColumn>
      <div className="stack-tight" role="status">
        <p>{isDone ? say.noneLeft : mayTake ? say.choose : say.chooseRead}</p>
        <p className="quiet">{say.chooseHint}</p>
      </div>
    </Page>
  )
}

function List(props: {
  readonly chosen: string | undefined
  readonly onChoose: (caseId: string) => void
  readonly onNext: (() => void) | undefined
  readonly isTaking: boolean
  readonly error: unknown
}): ReactNode {
  const [filter, setFilter] = useState(FIRST_FILTER)
  const query = casesQuery(toQuery(filter))
  const pages = usePages(query, ({ cases }) => cases)
  return (
    <>
      <div className="cases-head">
        {props.onNext !== undefined && (
          <Button
            onClick={props.onNext}
            loading={props.isTaking}
            rightSection={<Kbd aria-hidden="true">x</Kbd>}
            fullWidth
          >
            {say.next}
          </Button>
        )}
        <Fault error={props.error} />
        <Filter value={filter} onChange={setFilter} />
        {pages.isStale && <ChangedList queryKey={query.queryKey} />}
      </div>
      <LoadedRows
        query={pages}
        empty={<Empty title={say.emptyTitle} hint={say.emptyHint} />}
        idOf={(row) => row.caseId}
        selected={props.chosen}
        onSelect={props.onChoose}
        row={(row) => <Row row={row} />}
        rowHeight={ROW_HEIGHT}
        label={say.listLabel}
      />
    </>
  )
}

function SelectedCase({ caseId }: { readonly caseId: string }): ReactNode {
  const head = useQuery(caseQuery(caseId))
  const caseItems = useQuery(itemsQuery(caseId))
  return (
    <Loaded query={bothOf(head, caseItems)}>
      {
        // The view needs the items, because matches and suggestions depend on them.
        ([shown, items]) => <CaseView key={caseId} head={shown} items={items} />
      }
    </Loaded>
  )
}

function Actions({
  caseId,
  isGiven,
  onGiven,
}: {
  readonly caseId: string
  readonly isGiven: boolean
  readonly onGiven: (given: GivenDecision) => void
}): ReactNode {
  const { data: head } = useQuery(caseQuery(caseId))
  const { data: caseItems } = useQuery(itemsQuery(caseId))
  if (head === undefined || caseItems === undefined) return null
  return (
    <ActionColumn
      head={head}
      items={caseItems}
      isGiven={isGiven}
      onDecided={({ undoUntil }, basis) => onGiven({ caseId, basis, undoUntil: undoUntil ?? new Date().toISOString() })}
    />
  )
}
