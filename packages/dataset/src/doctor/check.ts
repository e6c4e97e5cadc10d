/**
 * One line of `nightlight doctor`.
 * @module
 */

import { compact, NightlightError } from "@nightlight/core"

/** `ok`; `degraded`: works with limits; `missing`: the main job cannot be done. */
export type CheckState = "ok" | "degraded" | "missing"

/** The result of one check. */
export interface Check {
  readonly name: string
  readonly state: CheckState
  /** The result, in one line. */
  readonly words: string
  /** The remedy; absent if nothing is wrong. */
  readonly hint?: string
}

/** Runs a check; an error makes it `missing`, with the error's message only if it is one of ours. */
export async function runCheck(name: string, check: () => Promise<Omit<Check, "name">>): Promise<Check> {
  try {
    return { name, ...(await check()) }
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
