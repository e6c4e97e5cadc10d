import type { ReactNode } from "react"
import { HeadedTable } from "../../parts/data-table.tsx"
import { count } from "../../parts/format.ts"
import { wordOf } from "./decision.tsx"
import { GRAVEST_FIRST, type Move } from "./moves.ts"
import { policies as say } from "./words.ts"

const { matrix: words } = say.trial

/**
 * A matrix of decision changes: a row for each present decision, a column for each new one. Changes are marked in words
 * as well as by colour.
 */
export function MovesMatrix({ moves }: { readonly moves: readonly Move[] }): ReactNode {
  const rows = GRAVEST_FIRST.filter((decision) => moves.some(({ from }) => from === decision))
  const columns = GRAVEST_FIRST.filter((decision) => moves.some(({ to }) => to === decision))
  const sum = (some: readonly Move[]) => some.reduce((total, move) => total + move.count, 0)
  const countOf = (from: string, to: string) => sum(moves.filter((move) => move.from === from && move.to === to))
  return (
    <div className="scroll-x">
      <HeadedTable
        className="policies-matrix"
        caption={words.title}
        heads={[
          { name: words.corner },
          ...columns.map((to) => ({ name: words.to(wordOf(to)), isNumber: true })),
          { name: words.all, isNumber: true },
        ]}
      >
        {rows.map((from) => (
          <tr key={from}>
            <th scope="row">{wordOf(from)}</th>
            {columns.map((to) => (
              <Cell key={to} times={countOf(from, to)} isSame={from === to} />
            ))}
            <td className="number">{count(sum(moves.filter((move) => move.from === from)))}</td>
          </tr>
        ))}
      </HeadedTable>
    </div>
  )
}

function Cell({ times, isSame }: { readonly times: number; readonly isSame: boolean }): ReactNode {
  if (times === 0) return <td className="number quiet">0</td>
  if (isSame) {
    return (
      <td className="number">
        {count(times)} <span className="quiet">{words.same}</span>
      </td>
    )
  }
  return (
    <td className="number policies-changed">
      <strong>{count(times)}</strong> {words.changes}
    </td>
  )
}
