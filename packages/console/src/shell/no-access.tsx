import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { useCan } from "../api/me.ts"
import { Empty } from "../parts/states.tsx"

/** Shows a page to those who hold one of its permissions, and says to everybody else what it needs. */
export function Needs({
  permission,
  children,
}: {
  readonly permission: string | readonly string[]
  readonly children: ReactNode
}): ReactNode {
  const can = useCan()
  if ([permission].flat().some(can)) return children
  return <Empty title={shell.noAccess} hint={shell.noAccessHint} />
}
