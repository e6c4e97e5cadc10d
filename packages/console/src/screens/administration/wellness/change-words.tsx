import type { ReactNode } from "react"
import { listed } from "../../../parts/format.ts"
import type { Limits } from "../queries.ts"
import { administration as say } from "../words.ts"
import { isLooser, LIMIT_NAMES, type LimitName } from "./limits.ts"

const { wellness: words } = say

/** Says before a change of limits which become stricter and which looser. */
export function ChangeWords({
  changes,
  before,
}: {
  readonly changes: Partial<Limits>
  readonly before: Limits
}): ReactNode {
  const changed = LIMIT_NAMES.filter((name) => changes[name] !== undefined)
  const looser = changed.filter((name) => isLooser(name, changes[name] ?? before[name], before[name]))
  const tighter = changed.filter((name) => !looser.includes(name))
  const names = (of: readonly LimitName[]) => listed(of.map((name) => words.names[name]))
  return (
    <div aria-live="polite" className="stack-tight">
      {tighter.length > 0 && <p>{words.tighter(names(tighter))}</p>}
      {looser.length > 0 && <p className="amber">{words.looser(names(looser))}</p>}
    </div>
  )
}
