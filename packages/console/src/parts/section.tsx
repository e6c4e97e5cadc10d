import type { ReactNode } from "react"

/** A titled section of a page. Links can point at its id. */
export function Section({
  id,
  title,
  lead,
  children,
}: {
  readonly id?: string
  readonly title: string
  readonly lead?: string
  readonly children: ReactNode
}): ReactNode {
  const titleId = id === undefined ? undefined : `${id}-title`
  return (
    <section id={id} className="stack" aria-labelledby={titleId}>
      <div className="stack-tight">
        <h2 id={titleId}>{title}</h2>
        {lead !== undefined && <p className="quiet">{lead}</p>}
      </div>
      {children}
    </section>
  )
}
