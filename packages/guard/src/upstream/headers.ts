/**
 * Which headers pass, both ways: those of these lists and no other.
 * @module
 */

/** Headers of an answer that may go back to the caller, and how their values must look. */
const BACK: ReadonlyMap<string, RegExp> = new Map([
  ["retry-after", /^\d{1,6}$/],
  ["retry-after-ms", /^\d{1,9}$/],
  ["x-should-retry", /^(?:true|false)$/],
  ["openai-processing-ms", /^\d{1,9}$/],
  ["x-ratelimit-limit-requests", /^\d{1,12}$/],
  ["x-ratelimit-limit-tokens", /^\d{1,12}$/],
  ["x-ratelimit-remaining-requests", /^\d{1,12}$/],
  ["x-ratelimit-remaining-tokens", /^\d{1,12}$/],
  ["x-ratelimit-reset-requests", /^[0-9.hms]{1,24}$/],
  ["x-ratelimit-reset-tokens", /^[0-9.hms]{1,24}$/],
])

/** Headers with one value each. */
export type OneValueHeaders = Readonly<Record<string, string>>

/** What of an upstream's headers goes back. */
export function headersBack(headers: Readonly<Record<string, string | string[] | undefined>>): OneValueHeaders {
  const back: Record<string, string> = {}
  for (const [name, form] of BACK) {
    const value = headers[name]
    if (typeof value === "string" && form.test(value)) back[name] = value
  }
  return back
}
