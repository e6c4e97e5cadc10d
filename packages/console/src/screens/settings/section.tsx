import type { ReactNode } from "react"

/** One part of the page; its id is what an address can point at. */
export function Section({
  id,
  title,
  lead,
  children,
}: {
  readonly id: string
  readonly title: string
  readonly lead?: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <section id={id} className="stack" aria-labelledby={`${id}-title`}>
      <div className="stack-tight">
        <h2 id={`${id}-title`}>{title}</h2>
        {lead !== undefined && <p className="quiet">{lead}</p>}
      </div>
      {children}
    </section>
  )
}
