import type { ReactNode } from "react"
import { Id } from "../../parts/id.tsx"

/** A source, by its id: its name is for those who manage sources. */
export function SourceName({ id }: { readonly id: string }): ReactNode {
  return <Id id={id} />
}
