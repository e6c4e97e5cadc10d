import type { Endpoint } from "./endpoint.ts"
import type { ServedEndpoint } from "./served.ts"
import * as table from "./table.ts"

const ALL: readonly (Endpoint | ServedEndpoint)[] = Object.values(table)

/** Endpoints that are forwarded. */
export const ENDPOINTS: readonly Endpoint[] = ALL.filter((one) => "upstreamPath" in one)

/** Endpoints that the guard answers itself. */
export const SERVED_ENDPOINTS: readonly ServedEndpoint[] = ALL.filter((one) => "render" in one)

/** The endpoint names of configuration and metrics; two routes may share one. */
export const ENDPOINT_NAMES: readonly string[] = [...new Set(ALL.map(({ name }) => name))]
