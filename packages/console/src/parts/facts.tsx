import type { ReactNode } from "react"
import "./facts.css"

/** A list of names and values, one below the other. */
export function Facts({
  children,
  wide = false,
}: {
  readonly children: ReactNode
  readonly wide?: boolean
}): ReactNode {
  return <dl className={wide ? "facts facts-wide" : "facts"}>{children}</dl>
}

/** One name and its value. `origin`: where the value comes from, on a small line below it. */
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
