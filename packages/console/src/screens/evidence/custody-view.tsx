/**
 * Who opened what of a case, and where its evidence came from and went: by the log.
 * @module
 */
import { Button } from "@mantine/core"
import { useInfiniteQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { eventWords } from "#messages/events.ts"
import { evidence as say } from "#messages/evidence.ts"
import { EventData } from "../../parts/event-data.tsx"
import { dateTime } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { type CustodyEvent, custodyQuery } from "./queries.ts"

const { custody: words } = say
const OPENED = /^(look|original|context)\.|^(report\.read|report\.sheet-written|hold\.read|evidence\.disclosed)$/

/** Both tables. */
export function CustodyView({ caseId }: { readonly caseId: string }): ReactNode {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    custodyQuery(caseId),
  )
  if (error !== null && data === undefined) return <Failed error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading rows={3} />
  const events = data.pages.flatMap((page) => page.events)
  return (
    <>
      <Events
        title={words.opened}
        lead={words.openedLead}
        none={words.openedNone}
        events={events.filter(({ type }) => OPENED.test(type))}
      />
      <Events
        title={words.moved}
        lead={words.movedLead}
        none={words.movedNone}
        events={events.filter(({ type }) => !OPENED.test(type))}
      />
      {hasNextPage && (
        <div className="row">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {common.more}
          </Button>
        </div>
      )}
    </>
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
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{words.columns.when}</th>
                <th scope="col">{words.columns.what}</th>
                <th scope="col">{words.columns.who}</th>
              </tr>
            </thead>
            <tbody>
              {events.map(({ seq, at, type, actor, data }) => (
                <tr key={seq}>
                  <td className="evidence-when">{dateTime(at)}</td>
                  <td>
                    {eventWords(type)}
                    <div className="quiet">
                      <EventData data={data} />
                    </div>
                  </td>
                  <td className="evidence-who">
                    <Name id={actor} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
