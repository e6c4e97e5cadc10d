/**
 * Who may be the second of two. The rule is a function of the history alone.
 * @module
 */
import type { Tie } from "./types.ts"

/**
 * Whether two people count as two: they are not the same, and neither made, granted a role to or reset the other.
 *
 * It looks both ways, or whoever made a person could let them ask and second it themselves. Both of two who granted or
 * reset stand in the history: either may have had the link in hand. What set-up itself made (the first two
 * administrators) is nobody's tie.
 */
export function countAsTwo(first: string, second: string, ties: Iterable<Tie>): boolean {
  if (first === second) return false
  for (const { by, person } of ties) {
    if ((by === first && person === second) || (by === second && person === first)) return false
  }
  return true
}
