import { compact } from "@nightlight/contract"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { useCan } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { count, dateTime, listed } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { Empty } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { markTurning } from "../../parts/unseen.ts"
import { Age } from "./age.tsx"
import { FalsePositives } from "./false-positives.tsx"
import { Outcomes } from "./outcomes.tsx"
import { IndexFault } from "./overview.tsx"
import { type List, type Lists, listsQuery } from "./queries.ts"
import { lists as say } from "./words.ts"

const { facts: words } = say

/** The middle column: a list's facts, age and terms, the outcomes of its matches, and its false positives. */
export function ListView({ name }: { readonly name: string }): ReactNode {
  const query = useQuery(listsQuery)
  const can = useCan()
  return (
    <Loaded query={query}>
      {(data) => {
        const list = data.lists.find((each) => each.name === name)
        const former = data.former.find((each) => each.name === name)
        const outcomes = (list ?? former)?.outcomes
        if (outcomes === undefined) return <Empty title={shell.notFound} />
        return (
          <Page
            title={name}
            lead={list === undefined ? say.former.line : say.trustLines[list.trust]}
            tags={
              <>
                {list !== undefined && <Tag>{say.trust[list.trust]}</Tag>}
                {list === undefined && <Tag>{say.row.former}</Tag>}
              </>
            }
            isColumn
            className="lists-main"
          >
            <IndexFault fault={data.fault} isLive={data.index !== undefined} />
            {list !== undefined && <ListFacts list={list} index={data.index} />}
            <Outcomes outcomes={outcomes} isTest={list?.trust === "test"} />
            {can("false-positive:read") && <FalsePositives list={name} />}
          </Page>
        )
      }}
    </Loaded>
  )
}

function ListFacts({ list, index }: { readonly list: List; readonly index: Lists["index"] }): ReactNode {
  const { entries, byHashType, terms, radiusBits, snapshot, broadEntries } = list
  const types = (["sha256", "sha1", "md5", "pdq", "url"] as const)
    .filter((type) => byHashType[type] > 0)
    .map((type) => say.entriesOf(count(byHashType[type]), say.hashes[type]))
  return (
    <Facts>
      <Fact name={words.asOf}>
        <Age list={list} />
      </Fact>
      <Fact name={words.entries} origin={listed(types)}>
        {count(entries)}
      </Fact>
      <Fact name={words.terms} {...compact({ origin: terms === undefined ? undefined : words.termsOrigin })}>
        {terms === undefined ? words.termsNone : markTurning(terms)}
      </Fact>
      <Fact name={words.radius}>{words.radiusBits(radiusBits)}</Fact>
      <Fact name={words.broad}>
        {broadEntries === 0 ? words.broadNone : <span className="amber">{words.broadSome(broadEntries)}</span>}
      </Fact>
      <Fact name={words.snapshot} origin={words.snapshotOrigin}>
        {count(snapshot)}
      </Fact>
      {index !== undefined && (
        <Fact name={words.index}>
          {words.indexSince(
            index.version,
            index.liveAt === undefined ? say.index.sinceUnknown : dateTime(index.liveAt),
          )}
        </Fact>
      )}
    </Facts>
  )
}
