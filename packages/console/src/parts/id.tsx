import type { ReactNode } from "react"
import { shortId } from "./format.ts"

/** A shortened id, with the whole id in its title. */
export function Id({ id }: { readonly id: string }): ReactNode {
  return (
    <span className="mono nowrap" title={id}>
      {shortId(id)}
    </span>
  )
}
