/**
 * `nightlight schedule`: writes the files that start a plan's tasks on a scheduler.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT, inert } from "@nightlight/core"
import type { SchedulerName } from "@nightlight/dataset/scan"
import { type Command, Option } from "commander"
import { assertNoFile } from "../terminal/named-file.ts"
import { parseCount } from "../terminal/parse-option.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface ScheduleFlags {
  readonly for: SchedulerName
  readonly dir: string
  readonly command: string
  readonly image?: string
  readonly cpus: number
  readonly memory: number
  readonly atOnce?: number
  readonly retries: number
  readonly json?: boolean
}

/** Adds `nightlight schedule`. */
export function addSchedule(program: Command, context: CommandContext): void {
  program
    .command("schedule")
    .description("write the files that start a plan's tasks on a scheduler")
    .argument("<plan>", "the plan's file, at the same path on every machine")
    .addOption(
      new Option("--for <scheduler>", "the scheduler")
        .choices(["slurm", "kubernetes", "aws-batch"])
        .makeOptionMandatory(),
    )
    .option("--dir <folder>", "where the files are written", "jobs")
    .option("--command <words>", "what starts nightlight there, words separated by spaces", "nightlight")
    .option("--image <name>", "the container image, for kubernetes and aws-batch")
    .option("--cpus <n>", "cores of a task", parseCount, 2)
    .option("--memory <MiB>", "memory of a task", parseCount, 4_096)
    .option("--at-once <n>", "most tasks at once, for slurm and kubernetes", parseCount)
    .option("--retries <n>", "how often a task is tried again after a failure that may pass", parseCount, 3)
    .option("--json", "print the result as one JSON object")
    .action(async (plan: string, flags: ScheduleFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { readTaskPlan, SCHEDULERS, writeSchedule } = await import("@nightlight/dataset/scan")
      const planFile = resolve(io.cwd, plan)
      const dir = resolve(io.cwd, flags.dir)
      await assertNoFile(dir, "--dir")
      const { cpus, image, atOnce, retries } = flags
      const schedule = SCHEDULERS[flags.for](
        compact({
          sealed: await readTaskPlan(planFile, workspace.verifier),
          planFile,
          workspace: workspace.layout.root,
          command: flags.command.split(/\s+/).filter((word) => word !== ""),
          image,
          cpus,
          memoryMiB: flags.memory,
          atOnce,
          retries,
        }),
      )
      await writeSchedule(dir, schedule)
      const { files, start, afterwards } = schedule
      const result = compact({ dir, files: files.map(({ name }) => name), start, afterwards })
      print(io, flags.json, result, () =>
        [
          `Wrote     ${files.map(({ name }) => name).join(", ")} in ${inert(dir)}`,
          `Start     ${start}`,
          ...(afterwards === undefined ? [] : [`Then      ${afterwards}, once every task has ended`]),
          "",
        ].join("\n"),
      )
      context.done(EXIT.done)
    })
}
