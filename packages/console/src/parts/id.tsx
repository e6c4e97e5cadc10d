import type { ReactNode } from "react"
import { shortId } from "./format.ts"

/** An id in short, whole on hover and when copied from the title. */
export function Id({ id }: { readonly id: string }): ReactNode {
  return (
    <span className="mono nowrap" title={id}>
      {shortId(id)}
    </span>
  )
}
