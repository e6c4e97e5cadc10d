import type { ReactNode } from "react"
import { policies as say } from "./words.ts"

/** The name of a decision, with its meaning on hover. */
export function DecisionWord({ decision }: { readonly decision: string }): ReactNode {
  return (
    <span className="policies-decision" title={say.decisionHints[decision]}>
      {wordOf(decision)}
    </span>
  )
}

/** The name of a decision, for a sentence. */
export const wordOf = (decision: string): string => say.decisions[decision] ?? decision
