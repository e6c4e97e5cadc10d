/**
 * Facts: a name and what is so, one under the other.
 * @module
 */
import type { ReactNode } from "react"
import "./facts.css"

/** A list of facts. */
export function Facts({
  children,
  wide = false,
}: {
  readonly children: ReactNode
  readonly wide?: boolean
}): ReactNode {
  return <dl className={wide ? "facts facts-wide" : "facts"}>{children}</dl>
}

/** One fact. `origin`: where it comes from, in a quiet line below. */
export function Fact({
  name,
  children,
  origin,
}: {
  readonly name: string
  readonly children: ReactNode
  readonly origin?: ReactNode
}): ReactNode {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        {children}
        {origin !== undefined && <span className="quiet fact-origin">{origin}</span>}
      </dd>
    </div>
  )
}
