import { type ReactNode, useEffect, useRef } from "react"
import { shell } from "#messages/shell.ts"
import "./away.css"

/**
 * Replaces every page while somebody is away: a title, the text and the help lines, with no picture and no score. Takes
 * the focus when it appears.
 */
export function AwayPage({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <main className="away">
      <div className="away-inner stack-wide">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
        <section className="away-help stack-tight" aria-labelledby="away-help">
          <h2 id="away-help">{shell.helpLead}</h2>
          <p>{shell.helpText}</p>
        </section>
      </div>
    </main>
  )
}
