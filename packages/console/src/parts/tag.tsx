import type { ReactNode } from "react"
import "./tag.css"

/** A short word in a line; its tone says no more than the word does. */
export function Tag({
  children,
  tone = "plain",
}: {
  readonly children: ReactNode
  readonly tone?: "plain" | "accent" | "amber" | "brick" | "green"
}): ReactNode {
  return <span className={`tag tag-${tone}`}>{children}</span>
}
