import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { Fact, Facts } from "../../parts/facts.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Ago } from "../../parts/time.tsx"
import { markUnseen } from "../../parts/unseen.ts"
import { Conversation } from "./conversation.tsx"
import { type CaseItem, contextQuery } from "./queries.ts"
import { readContext } from "./read-context.ts"
import { cases as say } from "./words.ts"

const { context: words } = say

interface ContextViewProps {
  readonly caseId: string
  readonly item: CaseItem | undefined
  readonly isOpen: boolean
  readonly onOpen: () => void
  /** Whether the caller may open it now. */
  readonly mayOpen: boolean
}

/** The sealed context of an item: a button to open it, which is recorded, then every location of the item. */
export function ContextView({ caseId, item: caseItem, isOpen, onOpen, mayOpen }: ContextViewProps): ReactNode {
  if (caseItem === undefined) return null
  return (
    <section className="stack">
      <div className="row-between">
        <h2>
          {words.title} · {words.of(caseItem.position + 1)}
        </h2>
        {!isOpen && mayOpen && (
          <Button variant="default" onClick={onOpen}>
            {words.open}
          </Button>
        )}
      </div>
      {!isOpen && <p className="quiet">{mayOpen ? words.lead : words.notYours}</p>}
      {isOpen && <Places caseId={caseId} itemId={caseItem.itemId} />}
    </section>
  )
}

function Places({ caseId, itemId }: { readonly caseId: string; readonly itemId: string }): ReactNode {
  const query = useQuery(contextQuery(caseId, itemId))
  return (
    <Loaded query={query} rows={3} rowHeight={24} failure="instead">
      {(data) => {
        if (data.locations.length === 0) return <p className="quiet">{words.none}</p>
        return data.locations.map((location, place) => (
          <div key={location.findingId} className="stack-tight">
            {data.locations.length > 1 && <h3>{words.place(place + 1)}</h3>}
            <Place found={location.found} foundAt={location.foundAt} />
          </div>
        ))
      }}
    </Loaded>
  )
}

function Place({ found, foundAt }: { readonly found: unknown; readonly foundAt: string }): ReactNode {
  const { facts, digests, signals, turns, turnsLeftOut } = readContext(found)
  return (
    <>
      <Facts>
        {facts.map(([name, value]) => (
          <Fact key={name} name={words.names[name] ?? name}>
            {name === "screenedAt" ? <Ago at={foundAt} /> : <span className="mono prewrap">{markUnseen(value)}</span>}
          </Fact>
        ))}
        {digests.length > 0 && (
          <Fact name={words.digests}>
            {digests.map(([name, value]) => (
              <span key={name} className="block mono">
                {name} {value}
              </span>
            ))}
          </Fact>
        )}
        {signals.length > 0 && (
          <Fact name={words.signals}>
            {signals.map((signal) => (
              <span key={signal} className="block">
                {signal}
              </span>
            ))}
          </Fact>
        )}
      </Facts>
      {turns.length > 0 && (
        <>
          <h3>{words.conversationTitle}</h3>
          {turnsLeftOut > 0 && <p className="quiet">{words.leftOut(turns.length, turnsLeftOut)}</p>}
          <Conversation turns={turns} />
        </>
      )}
    </>
  )
}
