/**
 * A few counts side by side as lines of a length, each with its name and number beside it.
 * @module
 */
import type { ReactNode } from "react"
import { count } from "../../parts/format.ts"

/** One count. */
export interface Level {
  readonly name: string
  readonly value: number
}

/** Draws them, in the order given, on one scale from zero. */
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
