import type { SourceList } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../api/call.ts"
import { useCan } from "../api/me.ts"
import type { Of } from "../api/of.ts"
import { Id } from "./id.tsx"

const sourceNamesQuery = queryOptions({
  queryKey: ["sources", "names"],
  queryFn: async ({ signal }) => {
    const { sources } = await call<Of<typeof SourceList>>("GET", "/v1/sources", { signal })
    return new Map(sources.map(({ source, name }) => [source, name]))
  },
  staleTime: 300_000,
})

/** A source: by its name for those who may see sources, by its id for everybody else. */
export function SourceName({ id }: { readonly id: string }): ReactNode {
  const can = useCan()
  const { data: names } = useQuery({ ...sourceNamesQuery, enabled: can("source:read") })
  return names?.get(id) ?? <Id id={id} />
}
