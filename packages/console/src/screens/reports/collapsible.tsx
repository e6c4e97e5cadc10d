import { type ReactNode, useState } from "react"

/** A section that opens and closes, rendered only while open, as a report may have a thousand files. */
export function Collapsible({
  id,
  summary,
  isOpen,
  children,
}: {
  readonly id: string
  readonly summary: ReactNode
  /** Whether it is open at first. */
  readonly isOpen: boolean
  readonly children: () => ReactNode
}): ReactNode {
  const [open, setOpen] = useState(isOpen)
  return (
    <details className="collapsible" id={id} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {open && children()}
    </details>
  )
}
