/**
 * Kubernetes: an Indexed Job, one index for each rank, and a Job that merges.
 *
 * Source: Kubernetes API batch/v1; `backoffLimitPerIndex` and `podFailurePolicy` (1.33).
 * @module
 */
import { compact, EXIT } from "@nightlight/core"
import { mountsOf } from "./mounts.ts"
import { imageOf, jsonText, type Schedule, type ScheduleChoices, taskArguments } from "./schedule.ts"

/** Exit codes after which the same task fails again, so that its index is not tried again. */
const FINAL = [EXIT.wrongUse, EXIT.unscreened, EXIT.checkFailed, EXIT.poisonShard, EXIT.stopped]

const CONTAINER = "nightlight"

/** Writes the Jobs of a plan. Volumes come from claims of fixed names, mounted where the plan's paths are. */
export function kubernetesSchedule(choices: ScheduleChoices): Schedule {
  const { sealed, atOnce, retries } = choices
  const { scan, world } = sealed.plan
  const name = `nightlight-${scan}`
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, annotations: { "nightlight/plan-sha256": sealed.digest } },
    spec: {
      completionMode: "Indexed",
      completions: world,
      parallelism: Math.min(world, atOnce ?? world),
      backoffLimitPerIndex: retries,
      maxFailedIndexes: world,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          { action: "FailIndex", onExitCodes: { containerName: CONTAINER, operator: "In", values: FINAL } },
        ],
      },
      template: podOf(choices, ["--rank", "auto"]),
    },
  }
  const merge = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `${name}-merge` },
    spec: { backoffLimit: retries, template: podOf(choices, ["--merge"]) },
  }
  return {
    files: [
      { name: "scan-job.json", text: jsonText(job) },
      { name: "merge-job.json", text: jsonText(merge) },
    ],
    start: "kubectl apply -f scan-job.json",
    afterwards: "kubectl apply -f merge-job.json",
  }
}

function podOf(choices: ScheduleChoices, last: readonly string[]) {
  const { cpus, memoryMiB } = choices
  const folders = mountsOf(choices).map(({ name, path, readOnly }) => ({ claim: `nightlight-${name}`, path, readOnly }))
  const size = { cpu: String(cpus), memory: `${memoryMiB}Mi` }
  return {
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      containers: [
        {
          name: CONTAINER,
          image: imageOf(choices),
          command: [...taskArguments(choices), ...last],
          resources: { requests: size, limits: { memory: size.memory } },
          volumeMounts: folders.map(({ claim, path, readOnly }) => compact({ name: claim, mountPath: path, readOnly })),
        },
      ],
      volumes: folders.map(({ claim, readOnly }) => ({
        name: claim,
        persistentVolumeClaim: compact({ claimName: claim, readOnly }),
      })),
    },
  }
}
