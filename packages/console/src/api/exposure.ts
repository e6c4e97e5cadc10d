import type { ExposureView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "./call.ts"
import type { SchemaOutput } from "./schema-output.ts"

/** The caller's viewings today and the break that is due: `GET /v1/me/exposure`. */
export const exposureQuery = queryOptions({
  queryKey: ["exposure", "mine"],
  queryFn: ({ signal }) => call<SchemaOutput<typeof ExposureView>>("GET", "/v1/me/exposure", { signal }),
  refetchInterval: 60_000,
})
