/**
 * AWS Batch: a job definition and an array job, one child for each rank, and a job that merges after it.
 *
 * Source: AWS Batch API, RegisterJobDefinition and SubmitJob.
 * @module
 */
import { compact, EXIT, RequestError } from "@nightlight/core"
import { mountsOf } from "./mounts.ts"
import { imageOf, jsonText, type Schedule, type ScheduleChoices, taskArguments } from "./schedule.ts"

/** Children that an array job may have. */
const MIN_CHILDREN = 2
const MAX_CHILDREN = 10_000

/** Attempts that a job may have. */
const MAX_ATTEMPTS = 10

/**
 * Writes the requests of a plan, for `aws batch ... --cli-input-json`.
 *
 * @throws {RequestError} `input_invalid` for a plan with fewer than 2 or more than 10,000 ranks, and for a limit of tasks
 * at once.
 */
export function awsBatchSchedule(choices: ScheduleChoices): Schedule {
  const { sealed, cpus, memoryMiB, retries } = choices
  const { scan, world } = sealed.plan
  if (world < MIN_CHILDREN || world > MAX_CHILDREN) {
    throw new RequestError("input_invalid", `an array of AWS Batch has ${MIN_CHILDREN} to ${MAX_CHILDREN} children`, {
      hint: "Make the plan with another --world.",
    })
  }
  if (choices.atOnce !== undefined) {
    throw new RequestError("input_invalid", "AWS Batch has no limit on the children of an array at once", {
      hint: "Leave --at-once out, and limit the vCPUs of the queue's compute environment.",
    })
  }
  const name = `nightlight-${scan}`
  const folders = mountsOf(choices)
  const definition = {
    jobDefinitionName: name,
    type: "container",
    containerProperties: {
      image: imageOf(choices),
      command: [...taskArguments(choices), "--rank", "auto"],
      resourceRequirements: [
        { type: "VCPU", value: String(cpus) },
        { type: "MEMORY", value: String(memoryMiB) },
      ],
      mountPoints: folders.map(({ name, path, readOnly }) =>
        compact({ sourceVolume: name, containerPath: path, readOnly }),
      ),
      // Folders of the host, such as mounts of a shared file system.
      volumes: folders.map(({ name, path }) => ({ name, host: { sourcePath: path } })),
    },
    retryStrategy: {
      attempts: Math.min(MAX_ATTEMPTS, retries + 1),
      evaluateOnExit: [
        { onStatusReason: "Host EC2*", action: "RETRY" },
        { onExitCode: String(EXIT.retryable), action: "RETRY" },
        { onExitCode: String(EXIT.internal), action: "RETRY" },
        { onExitCode: "137", action: "RETRY" },
        { onReason: "*", action: "EXIT" },
      ],
    },
  }
  const submit = {
    jobName: name,
    jobQueue: "nightlight",
    jobDefinition: name,
    arrayProperties: { size: world },
  }
  const merge = {
    jobName: `${name}-merge`,
    jobQueue: "nightlight",
    jobDefinition: name,
    containerOverrides: { command: [...taskArguments(choices), "--merge"] },
  }
  return {
    files: [
      { name: "job-definition.json", text: jsonText(definition) },
      { name: "scan-job.json", text: jsonText(submit) },
      { name: "merge-job.json", text: jsonText(merge) },
    ],
    start:
      "aws batch register-job-definition --cli-input-json file://job-definition.json && aws batch submit-job --cli-input-json file://scan-job.json",
    afterwards: "aws batch submit-job --cli-input-json file://merge-job.json",
  }
}
