import { NightlightError } from "@nightlight/core"
import { everyMinute, type JobDefinition } from "../../../platform/jobs/job.ts"
import { type IngestFileDeps, ingestPolicyFile } from "../policy-file.ts"

/** The workspace may be made later, and the list of policies shows that a file does not load. */
const NOTHING_TO_TAKE: readonly string[] = ["workspace_missing", "config_invalid", "policy_invalid"]

/** The job that reads the workspace's policy file when an operator has changed it. Runs every minute. */
export function ingestPolicyFileJob(deps: IngestFileDeps): JobDefinition<Record<string, never>> {
  return everyMinute("ingest-policy-file", async () => {
    try {
      await ingestPolicyFile(deps)
    } catch (error) {
      if (error instanceof NightlightError && NOTHING_TO_TAKE.includes(error.code)) return
      throw error
    }
  })
}
