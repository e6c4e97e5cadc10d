/**
 * Checks whether an end user's account record allows the request. The check sees no content, so it screens nothing: a
 * surface needs another check.
 * @module
 */
import { compact } from "@nightlight/core"
import type { AccountRecord } from "../../accounts/caller.ts"
import type { Check, CheckContext, Signal } from "../check.ts"
import type { AccountConfig } from "./config.ts"

/** Makes the check. It says nothing about a call that names no end user. */
export function createAccountCheck({ name, directions, rules, deadlineSeconds }: AccountConfig): Check {
  return {
    name,
    kind: "text",
    coverage: { directions, media: ["text", "image"] },
    deadlineMs: deadlineSeconds * 1000,
    failureMode: "closed",
    screens: () => false,
    run: (_items, { account, endpoint }) => ({
      screened: false,
      signals:
        account === undefined
          ? []
          : rules
              .filter((rule) => holds(rule, account, endpoint))
              .map(
                ({ name: rule, decision, shadow }): Signal =>
                  compact({
                    check: name,
                    rule,
                    decision,
                    shadow: shadow || undefined,
                  }),
              ),
    }),
  }
}

function holds(
  { ageBands, minHeat, endpoints }: AccountConfig["rules"][number],
  { ageBand, heat }: AccountRecord,
  endpoint: CheckContext["endpoint"],
): boolean {
  return (
    (ageBands === undefined || ageBands.includes(ageBand)) &&
    (minHeat === undefined || heat >= minHeat) &&
    (endpoints === undefined || endpoints.includes(endpoint))
  )
}
