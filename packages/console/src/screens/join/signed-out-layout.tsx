import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { HelpLines } from "../../shell/help-lines.tsx"
import "../sign-in/sign-in.css"

/** The layout of pages for people who are not signed in. */
export function SignedOutLayout({
  title,
  lead,
  children,
}: {
  readonly title: string
  readonly lead?: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <main className="door">
      <div className="stack-wide">
        <div className="stack-tight">
          <p className="door-name">{shell.product}</p>
          <h1>{title}</h1>
          {lead !== undefined && <p className="quiet">{lead}</p>}
        </div>
        {children}
        <HelpLines />
      </div>
    </main>
  )
}
