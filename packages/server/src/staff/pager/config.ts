import { compact } from "@nightlight/core"
import type { ServerConfig } from "../../platform/config/schema.ts"
import type { PagerConfig } from "./types.ts"

/** How a person is called. */
export function pagerConfigOf({ pager: { webhook, command, contact } }: ServerConfig): PagerConfig {
  const [program, ...given] = command
  return compact({
    webhook: webhook === null ? undefined : { url: webhook },
    command: program === undefined ? undefined : ([program, ...given] as const),
    contact: contact ?? undefined,
  })
}
