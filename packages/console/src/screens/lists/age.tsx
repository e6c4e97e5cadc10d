import type { ReactNode } from "react"
import { day } from "../../parts/format.ts"
import type { List } from "./queries.ts"
import { lists as say } from "./words.ts"

/** Sources update their lists daily, so a list is old beyond this age. */
const OLD_DAYS = 30

/** Whether a list is older than 30 days. */
export const isOld = ({ ageDays }: Pick<List, "ageDays">): boolean => ageDays !== undefined && ageDays > OLD_DAYS

/** The age of a list; amber, and marked in words, if older than 30 days. */
export function Age({ list }: { readonly list: Pick<List, "asOf" | "ageDays"> }): ReactNode {
  const { facts } = say
  const { asOf, ageDays = 0 } = list
  if (asOf === undefined) return facts.asOfNone
  return (
    <>
      {day(asOf)}, {ageDays === 0 ? facts.asOfToday : facts.asOfDays(ageDays)}
      {isOld(list) && <span className="amber block">{facts.asOfOld}</span>}
    </>
  )
}
