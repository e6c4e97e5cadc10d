import type { ReactNode } from "react"
import { policies as say } from "./words.ts"

/** A decision's name, with what it means on hover. */
export function DecisionWord({ decision }: { readonly decision: string }): ReactNode {
  return (
    <span className="policies-decision" title={say.decisionHints[decision]}>
      {wordOf(decision)}
    </span>
  )
}

/** A decision's name in a sentence. */
export const wordOf = (decision: string): string => say.decisions[decision] ?? decision
