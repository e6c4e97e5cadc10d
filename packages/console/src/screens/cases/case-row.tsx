import type { ReactNode } from "react"
import { count } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Ago, Due } from "../../parts/time.tsx"
import type { CaseRow } from "./queries.ts"
import { rowTitleOf, shortOf, strengthsOf } from "./strengths.ts"
import { cases as say } from "./words.ts"

/** Height of a row, px. */
export const ROW_HEIGHT = 76

/** A case in the list: its title, the number of items, its deadline, and who works on it. */
export function Row({ row }: { readonly row: CaseRow }): ReactNode {
  const { kind, state, items: caseItems, locations, dueAt, clockRunning, claim, openedAt, decided } = row
  return (
    <div className="cases-row">
      <div className="cases-row-title">{rowTitleOf(row)}</div>
      <div className="quiet row-line">
        <span>
          {say.kinds[kind]} · {say.items(caseItems, locations)}
          {row.band === "danger" && strengthsOf(row).length > 1 && ` · ${shortOf(row)}`}
        </span>
        {dueAt !== undefined && clockRunning ? <Due at={dueAt} /> : <Ago at={decided?.at ?? openedAt} />}
      </div>
      <div className="quiet row-line">
        <span>{state === "open" ? row.lists.slice(0, 2).join(", ") : say.states[state]}</span>
        {claim !== undefined && <Name id={claim.by} />}
        {row.knownItems > 0 && claim === undefined && <span>{`${count(row.knownItems)} ${say.item.known}`}</span>}
      </div>
    </div>
  )
}
