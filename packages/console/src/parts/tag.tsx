import type { ReactNode } from "react"
import "./tag.css"

/** A short label. Its colour adds nothing that its text does not say. */
export function Tag({
  children,
  tone = "plain",
}: {
  readonly children: ReactNode
  readonly tone?: "plain" | "accent" | "amber" | "brick" | "green"
}): ReactNode {
  return <span className={`tag tag-${tone}`}>{children}</span>
}
