/**
 * Pages a person at once by the webhook or command that the operator configured. Both receive a code and an id alone.
 * @module
 */

import { compact } from "@nightlight/core"
import type { ServerConfig } from "../../platform/config/schema.ts"
import type { Jobs } from "../../platform/jobs/job.ts"
import type { PagerCalls } from "./calls.ts"
import { PAGE_PERSON } from "./page-person.ts"
import type { PagerConfig, PagerPort } from "./types.ts"

/** Dependencies of {@link createPager}. */
export interface PagerDeps {
  readonly jobs: Jobs
  readonly config: PagerConfig
  readonly calls: PagerCalls
}

/** Makes the pager. Without a configured way nobody is paged, and the recorded call says so. */
export function createPager({ jobs, config, calls }: PagerDeps): PagerPort {
  const isSet = config.webhook !== undefined || config.command !== undefined
  return {
    onCall: { isSet, contact: config.contact },
    page: async (tx, { code, subject }) => {
      const { callId } = await calls.open(tx, { code, subject, isSet })
      if (isSet) await jobs.enqueue(tx.trx, PAGE_PERSON, { code, subject, callId })
    },
    callAbout: (subject) => calls.about(subject),
  }
}

/** How a person is paged, from the configuration. */
export function pagerConfigOf({ pager: { webhook, command, contact } }: ServerConfig): PagerConfig {
  const [program, ...given] = command
  return compact({
    webhook: webhook === null ? undefined : { url: webhook },
    command: program === undefined ? undefined : ([program, ...given] as const),
    contact: contact ?? undefined,
  })
}
