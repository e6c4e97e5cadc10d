import type { ReactNode } from "react"

/** Tells readers too that what was changed is saved. */
export function SavedNote({ isShown, children }: { readonly isShown: boolean; readonly children: string }): ReactNode {
  return (
    <span className="quiet" aria-live="polite">
      {isShown && children}
    </span>
  )
}
