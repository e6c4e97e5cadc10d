import type { CaseList } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"

/** Number of cases whose categories are read: the first to work on. */
const CASES = 100

/** Categories of waiting cases, in alphabetical order. */
export const waitingCategoriesQuery = queryOptions({
  queryKey: ["cases", "categories"],
  queryFn: async ({ signal }) => {
    const { cases } = await call<SchemaOutput<typeof CaseList>>("GET", "/v1/cases", { query: { limit: CASES }, signal })
    return [...new Set(cases.flatMap(({ categories }) => categories))].toSorted()
  },
})
