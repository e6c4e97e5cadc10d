/**
 * The schedulers that a plan can be written for. A new one is a file beside this one, and its entry here.
 * @module
 */
import { awsBatchSchedule } from "./aws-batch.ts"
import { kubernetesSchedule } from "./kubernetes.ts"
import type { Schedule, ScheduleChoices } from "./schedule.ts"
import { slurmSchedule } from "./slurm.ts"

/** Schedulers by the name an operator types. */
export const SCHEDULERS = {
  slurm: slurmSchedule,
  kubernetes: kubernetesSchedule,
  "aws-batch": awsBatchSchedule,
} satisfies Readonly<Record<string, (choices: ScheduleChoices) => Schedule>>

/** A scheduler's name. */
export type SchedulerName = keyof typeof SCHEDULERS
