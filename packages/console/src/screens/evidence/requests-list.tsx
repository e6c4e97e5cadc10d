import { Button, NativeSelect } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { useCan } from "../../api/me.ts"
import { day } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Empty } from "../../parts/states.tsx"
import { Due } from "../../parts/time.tsx"
import { LoadedRows } from "../../shell/loaded-rows.tsx"
import { type LeRequest, requestsQuery } from "./queries.ts"
import { Tabs } from "./tabs.tsx"
import { evidence as say } from "./words.ts"

const { requests: words } = say
const ROW_HEIGHT = 60
const SHOWN = ["open", "closed", "all"] as const

/** The left column of the requests tab: requests from authorities, the first due first. */
export function RequestsList(props: {
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
  readonly onTab: (tab: string) => void
}): ReactNode {
  const can = useCan()
  const [shown, setShown] = useState<(typeof SHOWN)[number]>("open")
  const query = useQuery(requestsQuery(shown === "all" ? undefined : shown))
  return (
    <>
      <div className="evidence-head">
        <Tabs value="requests" onTab={props.onTab} />
        {can("request:manage") && <Button onClick={() => props.onChoose("new")}>{words.new}</Button>}
        <NativeSelect
          label={words.filter.label}
          value={shown}
          onChange={({ currentTarget: { value } }) => setShown(SHOWN.find((each) => each === value) ?? "open")}
          data={SHOWN.map((value) => ({ value, label: words.filter[value] }))}
        />
      </div>
      <LoadedRows
        query={query}
        empty={<Empty title={words.emptyTitle} hint={words.emptyHint} />}
        idOf={({ requestId }) => requestId}
        selected={props.chosen}
        onSelect={props.onChoose}
        row={(request) => <Row request={request} />}
        rowHeight={ROW_HEIGHT}
        label={words.listLabel}
      />
    </>
  )
}

function Row({ request }: { readonly request: LeRequest }): ReactNode {
  const { requestId, kind, state, receivedAt, dueAt } = request
  return (
    <>
      <div className="row-line">
        <span className="evidence-strong">{words.kinds[kind] ?? kind}</span>
        {state === "closed" && <span className="quiet">{words.closed}</span>}
        {state === "open" && (dueAt === undefined ? <span className="quiet">{words.noDue}</span> : <Due at={dueAt} />)}
      </div>
      <div className="row-line quiet">
        <Id id={requestId} />
        <span>{words.received(day(receivedAt))}</span>
      </div>
    </>
  )
}
