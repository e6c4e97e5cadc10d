import { compact } from "@nightlight/contract"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { count, day } from "../../parts/format.ts"
import { Loaded, mapData } from "../../parts/loaded.tsx"
import { Empty } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { RowList } from "../../shell/row-list.tsx"
import { isOld } from "./age.tsx"
import { Places } from "./places.tsx"
import { type FormerList, type List, listsQuery } from "./queries.ts"
import { lists as say } from "./words.ts"

const { row: words } = say
const ROW_HEIGHT = 60

/** The left column: the lists of the index, then those that were removed from it. */
export function ListColumn(props: {
  readonly chosen: string | undefined
  readonly onChoose: (name: string) => void
}): ReactNode {
  const { chosen, onChoose } = props
  const query = useQuery(listsQuery)
  return (
    <>
      <div className="lists-head">
        <Places here="lists" />
        <Link to="/lists" {...compact({ "aria-current": chosen === undefined ? ("true" as const) : undefined })}>
          {words.overview}
        </Link>
      </div>
      <Loaded
        query={mapData(query, ({ lists, former }) => [...lists, ...former])}
        rowHeight={ROW_HEIGHT - 12}
        empty={<Empty title={say.noneTitle} hint={say.noneHint} />}
      >
        {(rows) => (
          <RowList<List | FormerList>
            items={rows}
            idOf={({ name }) => name}
            selected={chosen}
            onSelect={onChoose}
            row={(list) => (isLive(list) ? <Row list={list} /> : <FormerRow list={list} />)}
            rowHeight={ROW_HEIGHT}
            label={say.listLabel}
          />
        )}
      </Loaded>
    </>
  )
}

function Row({ list }: { readonly list: List }): ReactNode {
  const { name, trust, entries, asOf, falsePositives } = list
  return (
    <>
      <div className="row-line">
        <span className="lists-strong">{name}</span>
        <Tag>{say.trust[trust]}</Tag>
      </div>
      <div className="row-line quiet">
        <span>{falsePositives.open > 0 ? words.open(falsePositives.open) : words.entries(count(entries))}</span>
        <span className={isOld(list) ? "amber" : undefined}>
          {asOf === undefined ? words.noDate : words.asOf(day(asOf))}
          {isOld(list) && `, ${words.old}`}
        </span>
      </div>
    </>
  )
}

function FormerRow({ list: { name } }: { readonly list: FormerList }): ReactNode {
  return (
    <>
      <div className="row-line">
        <span className="lists-strong">{name}</span>
      </div>
      <div className="row-line quiet">{words.former}</div>
    </>
  )
}

const isLive = (list: List | FormerList): list is List => "trust" in list
