import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { ago, dateTime, duration } from "./format.ts"
import { useNow } from "./use-now.ts"

/** The last quarter of a report's day; the server raises its alarm then too. */
const SOON_MS = 6 * 3_600_000

/** A past time, relative to now, with the full date on hover. */
export function Ago({ at }: { readonly at: string }): ReactNode {
  const now = useNow()
  return (
    <time dateTime={at} title={dateTime(at)}>
      {ago(at, now)}
    </time>
  )
}

/** A deadline, relative to now: amber within six hours, brick red once it has passed, and always in words too. */
export function Due({ at }: { readonly at: string }): ReactNode {
  const left = Date.parse(at) - useNow()
  const tone = left < 0 ? "brick" : left < SOON_MS ? "amber" : undefined
  return (
    <time dateTime={at} title={dateTime(at)} className={tone}>
      {left < 0 ? common.overdue(duration(left)) : common.due(duration(left))}
    </time>
  )
}
