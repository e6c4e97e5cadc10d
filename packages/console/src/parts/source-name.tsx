import type { SourceNames } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../api/call.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { Id } from "./id.tsx"

const sourceNamesQuery = queryOptions({
  queryKey: ["sources", "names"],
  queryFn: async ({ signal }) => {
    const { sources } = await call<SchemaOutput<typeof SourceNames>>("GET", "/v1/sources/names", { signal })
    return new Map(sources.map(({ source, name }) => [source, name]))
  },
  staleTime: 300_000,
})

/** A source's name; its id if it has none. */
export function SourceName({ id }: { readonly id: string }): ReactNode {
  const { data: names, isPending } = useQuery(sourceNamesQuery)
  return isPending ? null : (names?.get(id) ?? <Id id={id} />)
}
