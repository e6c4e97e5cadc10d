import { Button } from "@mantine/core"
import { CUSTODY_EVENTS } from "@nightlight/contract/server"
import { useInfiniteQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { eventWords } from "#messages/events.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { EventData } from "../../parts/event-data.tsx"
import { dateTime } from "../../parts/format.ts"
import { Loaded, mapData } from "../../parts/loaded.tsx"
import { Name } from "../../parts/name.tsx"
import { type CustodyEvent, custodyQuery } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { custody: words } = say
const OPENED: ReadonlySet<string> = new Set(CUSTODY_EVENTS.opened)

/** Two tables from the log: who opened what of a case, and where its evidence came from and went. */
export function CustodyView({ caseId }: { readonly caseId: string }): ReactNode {
  const query = useInfiniteQuery(custodyQuery(caseId))
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = query
  return (
    <Loaded query={mapData(query, ({ pages }) => pages.flatMap((page) => page.events))} rows={3}>
      {(events) => (
        <>
          <Events
            title={words.opened}
            lead={words.openedLead}
            none={words.openedNone}
            events={events.filter(({ type }) => OPENED.has(type))}
          />
          <Events
            title={words.moved}
            lead={words.movedLead}
            none={words.movedNone}
            events={events.filter(({ type }) => !OPENED.has(type))}
          />
          {hasNextPage && (
            <div className="row">
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {common.more}
              </Button>
            </div>
          )}
        </>
      )}
    </Loaded>
  )
}

function Events(props: {
  readonly title: string
  readonly lead: string
  readonly none: string
  readonly events: readonly CustodyEvent[]
}): ReactNode {
  const { title, lead, none, events } = props
  return (
    <section className="stack">
      <div className="stack-tight">
        <h2>{title}</h2>
        <p className="quiet">{events.length === 0 ? none : lead}</p>
      </div>
      {events.length > 0 && (
        <DataTable
          rows={events}
          keyOf={({ seq }) => seq}
          columns={[
            { name: words.columns.when, className: "evidence-when", cell: ({ at }) => dateTime(at) },
            {
              name: words.columns.what,
              cell: ({ type, data }) => (
                <>
                  {eventWords(type)}
                  <div className="quiet">
                    <EventData data={data} />
                  </div>
                </>
              ),
            },
            { name: words.columns.who, className: "evidence-who", cell: ({ actor }) => <Name id={actor} /> },
          ]}
        />
      )}
    </section>
  )
}
