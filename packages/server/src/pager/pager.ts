/**
 * Calls a person at once: by a webhook or a command that the operator has set, which are told a code and an id alone.
 * @module
 */
import type { PagerPort } from "../cases/ports.ts"
import type { Jobs } from "../jobs/job.ts"
import { PAGE_PERSON } from "./page-person.ts"
import type { PagerConfig } from "./types.ts"

/** Makes the pager. Where nothing is set nobody is called: the alarm on the home screen is all there is. */
export function createPager({ jobs, config }: { readonly jobs: Jobs; readonly config: PagerConfig }): PagerPort {
  return {
    page: async ({ trx }, call) => {
      if (config.webhook === undefined && config.command === undefined) return
      await jobs.enqueue(trx, PAGE_PERSON, call)
    },
  }
}
