import type { ReactNode } from "react"

/** A note that a change is saved, announced to screen readers. */
export function SavedNote({ isShown, children }: { readonly isShown: boolean; readonly children: string }): ReactNode {
  return (
    <span className="quiet" aria-live="polite">
      {isShown && children}
    </span>
  )
}
