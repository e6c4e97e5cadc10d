/**
 * What `nightlight doctor` says of one thing.
 * @module
 */

import { compact, NightlightError } from "@nightlight/core"

/** `ok`; `degraded`: works, with less than it could; `missing`: the main job cannot be done. */
export type CheckState = "ok" | "degraded" | "missing"

/** One thing looked at. */
export interface Check {
  readonly name: string
  readonly state: CheckState
  /** What was seen, one line. */
  readonly words: string
  /** What to do about it; absent where nothing is wrong. */
  readonly hint?: string
}

/** Looks at something; what it throws is `missing`, told by the error's own words only if they are ours. */
export async function look(name: string, see: () => Promise<Omit<Check, "name">>): Promise<Check> {
  try {
    return { name, ...(await see()) }
  } catch (error) {
    const { code, message, hint } = error as { code?: unknown; message?: string; hint?: string }
    const isOurs = error instanceof NightlightError
    return compact({
      name,
      state: "missing",
      words: isOurs ? (message ?? "failed") : `failed${typeof code === "string" ? ` (${code})` : ""}`,
      hint: isOurs && hint !== undefined ? hint : undefined,
    })
  }
}
