import { Button } from "@mantine/core"
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query"
import { type ReactNode, useCallback, useMemo } from "react"
import { eventWords } from "#messages/events.ts"
import { count, dateTime, shortId } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Name } from "../../parts/name.tsx"
import { SourceName } from "../../parts/source-name.tsx"
import { Empty } from "../../parts/states.tsx"
import { RowList } from "../../shell/row-list.tsx"
import { type LogEvent, type LogFilter, logQuery, pulseQuery } from "./queries.ts"
import { audit as say } from "./words.ts"

const ROW_HEIGHT = 36
const idOf = ({ seq }: LogEvent): string => String(seq)

/** The events of a search; only rows in sight are rendered. Mount it with the filter as `key`. */
export function LogTable(props: {
  readonly filter: LogFilter
  readonly opened: number | undefined
  readonly onOpen: (event: LogEvent) => void
}): ReactNode {
  const { filter, opened, onOpen } = props
  const client = useQueryClient()
  const options = logQuery(filter)
  const query = useInfiniteQuery(options)
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isFetching, dataUpdatedAt } = query
  const { data: pulse = 0 } = useQuery(pulseQuery)
  const events = useMemo(() => data?.pages.flatMap((page) => page.events) ?? [], [data])
  const bySeq = useMemo(() => new Map(events.map((event) => [idOf(event), event])), [events])
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const open = useCallback(
    (id: string) => {
      const event = bySeq.get(id)
      if (event !== undefined) onOpen(event)
    },
    [bySeq, onOpen],
  )
  return (
    <Loaded query={query} rows={12} rowHeight={ROW_HEIGHT - 12}>
      {() => (
        <>
          <div className="row-between">
            <p className="quiet" role="status">
              {say.shown(count(events.length), hasNextPage)} {pulse > dataUpdatedAt && say.newer}
            </p>
            <Button
              size="compact-sm"
              variant="default"
              loading={isFetching && !isFetchingNextPage}
              onClick={() => void client.resetQueries({ queryKey: options.queryKey, exact: true })}
            >
              {say.again}
            </Button>
          </div>
          {events.length === 0 ? (
            <Empty title={say.emptyTitle} hint={say.emptyHint} />
          ) : (
            <div className="audit-table">
              <div className="audit-row audit-columns" aria-hidden="true">
                <span>{say.columns.when}</span>
                <span>{say.columns.what}</span>
                <span>{say.columns.who}</span>
                <span>{say.columns.about}</span>
                <span className="audit-seq">{say.columns.seq}</span>
              </div>
              <RowList
                items={events}
                idOf={idOf}
                selected={opened === undefined ? undefined : String(opened)}
                onSelect={open}
                row={(event) => <Row event={event} />}
                rowHeight={ROW_HEIGHT}
                label={say.listLabel}
                onEnd={more}
              />
            </div>
          )}
        </>
      )}
    </Loaded>
  )
}

function Row({ event }: { readonly event: LogEvent }): ReactNode {
  const { seq, at, type, actor, data } = event
  const subject = typeof data["subject"] === "string" ? data["subject"] : ""
  return (
    <div className="audit-row">
      <time dateTime={at}>{dateTime(at)}</time>
      <span title={type}>{eventWords(type)}</span>
      <span>
        <Name id={actor} />
      </span>
      <span>
        {subject.startsWith("person-") ? (
          <Name id={subject} />
        ) : subject.startsWith("source-") ? (
          <SourceName id={subject} />
        ) : (
          <span className="mono">{shortId(subject)}</span>
        )}
      </span>
      <span className="audit-seq">{count(seq)}</span>
    </div>
  )
}
