import { Button } from "@mantine/core"
import { type QueryKey, useQueryClient } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { hasMorePages } from "../app/reread.ts"

/** A note that a long list has changed, with a button that reads it again from the top. */
export function ChangedList({ queryKey }: { readonly queryKey: QueryKey }): ReactNode {
  const client = useQueryClient()
  const query = client.getQueryCache().find({ queryKey })
  if (query === undefined || !query.state.isInvalidated || !hasMorePages(query)) return null
  return (
    <Button variant="subtle" onClick={() => void client.resetQueries({ queryKey })}>
      {common.changedList}
    </Button>
  )
}
