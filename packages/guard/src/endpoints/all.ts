/**
 * Every endpoint there is; a route that is not here is refused.
 * @module
 */
import { chat } from "./chat/endpoint.ts"
import type { Endpoint } from "./endpoint.ts"
import type { ServedEndpoint } from "./served.ts"

/** Endpoints that are forwarded. */
export const ENDPOINTS: readonly Endpoint[] = [chat]

/** Endpoints that the guard answers itself. */
export const SERVED_ENDPOINTS: readonly ServedEndpoint[] = []
