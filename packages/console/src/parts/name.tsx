import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { meQuery, namesQuery } from "../api/me.ts"
import { shortId } from "./format.ts"

/** A person's name as their colleagues know it; the id if the name is unknown. */
export function Name({ id }: { readonly id: string }): ReactNode {
  const { data: names } = useQuery(namesQuery)
  const { data: me } = useQuery(meQuery)
  if (me?.id === id) return common.you
  if (id.startsWith("system")) return common.system
  return names?.get(id) ?? <span className="mono">{shortId(id)}</span>
}
