/**
 * The files that start a plan's tasks on a scheduler.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { SealedPlan } from "../task-plan.ts"

/** What a scheduler is told beside the plan. */
export interface ScheduleChoices {
  readonly sealed: SealedPlan
  /** Absolute path of the plan's file, the same on every machine. */
  readonly planFile: string
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** Words that start `nightlight` there. */
  readonly command: readonly string[]
  /** Container image; required by schedulers that start containers. */
  readonly image?: string
  readonly cpus: number
  readonly memoryMiB: number
  /** Most tasks at once; absent: as many as the scheduler allows. */
  readonly atOnce?: number
  /** How often a task is tried again after a failure that may pass. */
  readonly retries: number
}

/** A file to be written. */
export interface ScheduleFile {
  readonly name: string
  readonly text: string
  /** Whether it is run as a program. */
  readonly isProgram?: true
}

/** A scheduler's files, and how they are used. */
export interface Schedule {
  readonly files: readonly ScheduleFile[]
  /** The command that starts the tasks, to be typed in the files' folder. */
  readonly start: string
  /** The command that merges, once every task has ended; absent where `start` arranges that. */
  readonly afterwards?: string
}

/** The arguments of a task, without the rank's value. */
export function taskArguments({ command, workspace, planFile }: ScheduleChoices): readonly string[] {
  return [...command, "--workspace", workspace, "scan", "--plan", planFile, "--quiet"]
}

/** The container image. @throws {RequestError} `input_invalid` where none was named. */
export function imageOf({ image }: ScheduleChoices): string {
  if (image !== undefined) return image
  throw new RequestError("input_invalid", "this scheduler starts containers: name their image by --image")
}

/** Indented JSON with a line end. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
