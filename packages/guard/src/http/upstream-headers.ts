import type { Dialect } from "../endpoints/dialect.ts"
import { type CallHeaders, type OneValueHeaders, pickHeaders } from "../upstream/headers.ts"

const SHORT = /^[\x20-\x7e]{1,4096}$/

/** Chooses the headers that go to the upstream. No other header of the caller's is forwarded. */
export function upstreamHeadersFor(
  auth: "caller" | "key" | "none",
  key: string | undefined,
  headers: CallHeaders,
  { keyHeaders, callerHeaders }: Pick<Dialect, "keyHeaders" | "callerHeaders">,
): OneValueHeaders {
  if (auth === "key" && key !== undefined) return keyHeaders(key)
  if (auth !== "caller") return {}
  return pickHeaders(headers, new Map(callerHeaders.map((name) => [name, SHORT])))
}
