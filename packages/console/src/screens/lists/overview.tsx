import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { count, dateTime } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { FalsePositives } from "./false-positives.tsx"
import { type Lists, listsQuery } from "./queries.ts"
import { lists as say } from "./words.ts"

const { index: words } = say

/** The middle column while no list is selected: the index in use, and all false positives. */
export function Overview(): ReactNode {
  const query = useQuery(listsQuery)
  const can = useCan()
  return (
    <Page title={say.title} lead={say.lead} isColumn className="lists-main">
      <Loaded query={query} rows={3}>
        {(data) => <IndexFacts lists={data} />}
      </Loaded>
      {can("false-positive:read") && <FalsePositives />}
    </Page>
  )
}

function IndexFacts({ lists: { index, fault, screens } }: { readonly lists: Lists }): ReactNode {
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      <IndexFault fault={fault} isLive={index !== undefined} />
      {index === undefined && <p className="amber">{words.none}</p>}
      {index !== undefined && (
        <Facts>
          <Fact name={words.version}>{count(index.version)}</Fact>
          <Fact name={words.since}>{index.liveAt === undefined ? words.sinceUnknown : dateTime(index.liveAt)}</Fact>
          <Fact name={words.screens}>
            {screens ? words.screensReal : <span className="amber">{words.testOnly}</span>}
          </Fact>
        </Facts>
      )}
    </section>
  )
}

/** Why a newer index was refused; nothing if none was. */
export function IndexFault({
  fault,
  isLive,
}: {
  readonly fault: string | undefined
  readonly isLive: boolean
}): ReactNode {
  if (fault === undefined) return null
  return (
    <p className="lists-fault" role="status">
      <strong>{words.fault}.</strong> {words.faults[fault] ?? words.faultCode(fault)}{" "}
      {isLive ? words.faultStays : words.faultNone}
    </p>
  )
}
