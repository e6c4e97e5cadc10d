/**
 * Limits of single people, stricter than everybody's.
 * @module
 */
import { Button } from "@mantine/core"
import type { ExposureList } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { useCan } from "../../../api/me.ts"
import type { Of } from "../../../api/of.ts"
import { HeadedTable } from "../../../parts/data-table.tsx"
import { count, day } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"
import { isHere, mustBeTrained } from "../people/standing.ts"
import { type Limits, peopleQuery } from "../queries.ts"
import { administration as say } from "../words.ts"
import { given, LIMIT_NAMES, valueWords } from "./limits.ts"
import { OwnDialog } from "./own-dialog.tsx"

const { people: words, names } = say.wellness
type Own = Of<typeof ExposureList>["own"]
type Today = Of<typeof ExposureList>["people"]

/** Whoever looks, with what holds for them alone. */
export function PeoplesOwn(props: { readonly limits: Limits; readonly own: Own; readonly today: Today }): ReactNode {
  const { limits, own, today } = props
  const can = useCan()
  const { data: people = [] } = useQuery({ ...peopleQuery, enabled: can("person:read") })
  const [changing, setChanging] = useState<string>()
  const lookers = people.filter((person) => isHere(person) && mustBeTrained(person)).map(({ id }) => id)
  const ids = [...new Set([...lookers, ...own.map(({ person }) => person)])]
  const shown = own.find(({ person }) => person === changing)
  return (
    <section className="stack">
      <div className="stack-tight">
        <h2>{words.title}</h2>
        <p className="quiet">{ids.length === 0 ? words.none : words.lead}</p>
      </div>
      {ids.length > 0 && (
        <HeadedTable
          heads={[{ name: words.columns.who }, { name: words.columns.own }, { name: words.columns.today }, {}]}
          className="administration-actions"
        >
          {ids.map((id) => (
            <Row
              key={id}
              id={id}
              own={own.find(({ person }) => person === id)}
              today={today.find(({ person }) => person === id)}
              onChange={can("exposure:manage") ? () => setChanging(id) : undefined}
            />
          ))}
        </HeadedTable>
      )}
      {changing !== undefined && (
        <OwnDialog
          key={changing}
          person={changing}
          limits={limits}
          own={given(shown?.limits ?? {})}
          onClose={() => setChanging(undefined)}
        />
      )}
    </section>
  )
}

function Row(props: {
  readonly id: string
  readonly own: Own[number] | undefined
  readonly today: Today[number] | undefined
  readonly onChange: (() => void) | undefined
}): ReactNode {
  const { id, own, today, onChange } = props
  const set = LIMIT_NAMES.flatMap((name) => {
    const value = own?.limits[name]
    return value === undefined ? [] : [`${names[name]}: ${valueWords(value)}`]
  })
  return (
    <tr>
      <td>
        <Name id={id} />
      </td>
      <td>
        {set.length === 0 ? <span className="quiet">{words.asEverybody}</span> : set.join(", ")}
        {own !== undefined && (
          <div className="quiet">
            {words.columns.set} <Name id={own.setBy} />, {day(own.setAt)}
          </div>
        )}
      </td>
      <td>{today === undefined ? words.noToday : words.today(today.looks, count(Math.round(today.minutes)))}</td>
      <td>
        {onChange !== undefined && (
          <Button size="compact-sm" variant="default" onClick={onChange}>
            {words.change}
          </Button>
        )}
      </td>
    </tr>
  )
}
