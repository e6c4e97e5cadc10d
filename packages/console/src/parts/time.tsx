/**
 * Times as a page shows them: relative, with the full date on hover and for readers.
 * @module
 */
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { ago, dateTime, duration } from "./format.ts"
import { useNow } from "./use-now.ts"

/** The last quarter of a report's day: what an alarm is raised at, too. */
const SOON_MS = 6 * 3_600_000

/** When something happened. */
export function Ago({ at }: { readonly at: string }): ReactNode {
  const now = useNow()
  return (
    <time dateTime={at} title={dateTime(at)}>
      {ago(at, now)}
    </time>
  )
}

/** When something is due: amber when within six hours, brick when past; always in words too. */
export function Due({ at }: { readonly at: string }): ReactNode {
  const left = Date.parse(at) - useNow()
  const tone = left < 0 ? "brick" : left < SOON_MS ? "amber" : undefined
  return (
    <time dateTime={at} title={dateTime(at)} className={tone}>
      {left < 0 ? common.overdue(duration(left)) : common.due(duration(left))}
    </time>
  )
}
