import { RequestError } from "@nightlight/core"

/** Variables in which schedulers give a task of an array its index, from 0. */
const VARIABLES = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"] as const

/**
 * Reads the rank of this task from the environment: of Slurm, of a Kubernetes Indexed Job or of an AWS Batch array.
 *
 * @throws {RequestError} `input_invalid` if no scheduler set one.
 */
export function rankFromEnvironment(env: Readonly<Record<string, string | undefined>>): number {
  for (const name of VARIABLES) {
    const value = env[name]
    if (value !== undefined && /^\d{1,9}$/.test(value)) return Number(value)
  }
  throw new RequestError("input_invalid", "no scheduler gave this task an index", {
    hint: `Name a rank by --rank 0, or start it as a task of an array: ${VARIABLES.join(", ")}.`,
  })
}
