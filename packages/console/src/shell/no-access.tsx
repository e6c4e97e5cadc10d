import { Outlet, useMatches } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { useCan } from "../api/me.ts"
import { Empty } from "../parts/states.tsx"

/**
 * Shows its children to people with one of the permissions, or to everybody if there are none to hold; others read that
 * they have no access.
 */
export function RequiresPermission({
  permission,
  children,
}: {
  readonly permission: string | readonly string[]
  readonly children: ReactNode
}): ReactNode {
  const can = useCan()
  const permissions = [permission].flat()
  if (permissions.length === 0 || permissions.some(can)) return children
  return <Empty title={shell.noAccess} hint={shell.noAccessHint} />
}

/** The current page, or a note that the person has no access to it. */
export function PermittedPage(): ReactNode {
  const page = useMatches({ select: (matches) => matches.at(-1)?.staticData.page })
  return (
    <RequiresPermission permission={page?.permissions ?? []}>
      <Outlet />
    </RequiresPermission>
  )
}
