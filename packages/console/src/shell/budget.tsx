import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { exposureQuery } from "../api/exposure.ts"
import { useNow } from "../parts/use-now.ts"

/** What is left of the day's looks, in words: there is no target to reach. */
export function Budget(): ReactNode {
  const { data } = useQuery(exposureQuery)
  const now = useNow()
  if (data === undefined) return null
  const { looks, limits, breakDueAt } = data
  const minutes = breakDueAt === undefined ? undefined : Math.max(0, Math.ceil((Date.parse(breakDueAt) - now) / 60_000))
  return (
    <span>
      {shell.budget(looks, limits.itemsPerDay)}
      {minutes !== undefined && <span className={minutes < 5 ? "amber" : ""}> · {shell.breakDue(minutes)}</span>}
    </span>
  )
}
