/**
 * `nightlight plan`: begins a scan that many tasks share.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT, inert } from "@nightlight/core"
import type { Command } from "commander"
import { countOf } from "../terminal/numbers.ts"
import { collect, parseWorld } from "../terminal/parse-option.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface PlanFlags {
  readonly world: number
  readonly file: string
  readonly out?: string
  readonly keepOrientations?: boolean
  readonly exclude?: readonly string[]
  readonly json?: boolean
}

/** Adds `nightlight plan`. */
export function addPlan(program: Command, context: CommandContext): void {
  program
    .command("plan")
    .description("plan a scan that many tasks share: Slurm, Kubernetes, AWS Batch, Spark, Ray")
    .argument("<input...>", "folders, shards or brace lists, as for nightlight scan")
    .requiredOption("--world <n>", "how many ranks share the shards, 1 to 100000", parseWorld)
    .option("--file <file>", "where the plan is written", "plan.json")
    .option("--out <folder>", "folder or s3://bucket/prefix of the clean copy: a new one outside the dataset")
    .option("--keep-orientations", "keep all eight hashes in the sidecars")
    .option("--exclude <glob>", "leave paths out, as nightlight scan does; may be repeated", collect)
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
The plan is signed and names the scan, its lists and its policy for every task. Then:
  nightlight schedule plan.json --for slurm --dir jobs    scripts for a scheduler
  nightlight scan --plan plan.json --rank 0               one task by hand
  nightlight scan --plan plan.json --merge                the report of all tasks`,
    )
    .action(async (inputs: string[], flags: PlanFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { planTasks } = await import("@nightlight/dataset/scan")
      const { world, out, keepOrientations, exclude } = flags
      const file = resolve(io.cwd, flags.file)
      const { plan, digest } = await planTasks(
        workspace,
        compact({ inputs, world, file, out, keepOrientations, exclude }),
        io.signal,
      )
      const { scan, shards } = plan
      const result = { scan, plan: file, digest, world, shards: shards.length }
      print(
        io,
        flags.json,
        result,
        () => `${scan}: ${countOf(shards.length, "shard")} for ${countOf(world, "rank")}
Plan      ${inert(file)}
Digest    ${digest}
`,
      )
      context.done(EXIT.done)
    })
}
