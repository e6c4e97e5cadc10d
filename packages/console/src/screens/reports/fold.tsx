import { type ReactNode, useState } from "react"

/** A part that is made only while it is open: a report may bring a thousand files. */
export function Fold({
  id,
  summary,
  isOpen,
  children,
}: {
  readonly id: string
  readonly summary: ReactNode
  /** Whether it begins open. */
  readonly isOpen: boolean
  readonly children: () => ReactNode
}): ReactNode {
  const [open, setOpen] = useState(isOpen)
  return (
    <details className="fold" id={id} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {open && children()}
    </details>
  )
}
