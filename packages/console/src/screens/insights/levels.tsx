import type { ReactNode } from "react"
import { count } from "../../parts/format.ts"

/** A named count. */
export interface Level {
  readonly name: string
  readonly value: number
}

/** A few counts as horizontal bars on one scale from zero, in the order given, each with its name and number. */
export function Levels({ levels }: { readonly levels: readonly Level[] }): ReactNode {
  const most = Math.max(1, ...levels.map(({ value }) => value))
  return (
    <table className="insights-levels">
      <tbody>
        {levels.map(({ name, value }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="insights-level-bar" aria-hidden="true">
              <svg width="100%" height="14" preserveAspectRatio="none" viewBox="0 0 100 14">
                <title>{name}</title>
                <rect width={(value / most) * 100} height="14" fill="var(--chart-0)" />
              </svg>
            </td>
            <td className="insights-level-number">{count(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
