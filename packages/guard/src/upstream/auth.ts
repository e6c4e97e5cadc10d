/**
 * What the upstream is given to know a call by.
 * @module
 */
import type { OneValueHeaders } from "./headers.ts"

/** Headers of a caller that go along with its own authorization. */
const WITH_CALLER = ["authorization", "openai-organization", "openai-project"] as const
const SHORT = /^[\x20-\x7e]{1,4096}$/

/** Chooses the headers. Nothing else of a caller's is passed on. */
export function upstreamHeadersFor(
  auth: "caller" | "key" | "none",
  key: string | undefined,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): OneValueHeaders {
  if (auth === "key" && key !== undefined) return { authorization: `Bearer ${key}` }
  if (auth !== "caller") return {}
  const passed: Record<string, string> = {}
  for (const name of WITH_CALLER) {
    const value = headers[name]
    if (typeof value === "string" && SHORT.test(value)) passed[name] = value
  }
  return passed
}
