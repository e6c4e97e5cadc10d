/**
 * `nightlight purge`: removes known items from a source or a copy.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT, type ExitCode, inert } from "@nightlight/core"
import type { PurgeProgress, PurgeReport } from "@nightlight/dataset"
import type { Command } from "commander"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { openProgressBar } from "../terminal/progress-bar.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface PurgeFlags {
  readonly basis?: string
  readonly from?: string
  readonly includeReview?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Adds `nightlight purge`. */
export function addPurge(program: Command, context: CommandContext): void {
  program
    .command("purge")
    .description("remove known items from a dataset or a copy of it, with a receipt")
    .argument("<scan>", "a scan's or a hunt's name, such as s-000001 or h-000001")
    .option("--basis <text>", "the report or order that requires the removal; needed for items that are not sealed")
    .option(
      "--from <folder>",
      "a copy of the dataset (a folder or s3://bucket/prefix), instead of the scan's own source",
    )
    .option("--include-review", "also items withheld for a person's review, after a person decided")
    .option("--dry-run", "show what would be removed, and change nothing")
    .option("--json", "print the result as one JSON object")
    .option("--quiet", "print nothing but errors")
    .addHelpText(
      "after",
      `
Every item is digested again before it is removed with its whole sample. This
writes to the source: stop what reads or writes it meanwhile.`,
    )
    .action(async (scan: string, flags: PurgeFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { isStoreAddress, runPurge } = await import("@nightlight/dataset")
      const { basis, from, includeReview, dryRun } = flags
      const bar = await openProgressBar(io, flags.quiet === true)
      const onPlan = (progress: Readonly<PurgeProgress>) =>
        bar.begin(progress, () => [`${formatCount(progress.removed)} ${dryRun === true ? "known" : "removed"}`])
      const report = await runPurge(
        workspace,
        compact({
          scan,
          basis,
          from: from === undefined || isStoreAddress(from) ? from : resolve(io.cwd, from),
          includeReview,
          dryRun,
        }),
        { onPlan },
        io.signal,
      ).finally(() => bar.close())
      if (flags.quiet !== true || flags.json === true) print(io, flags.json, report, () => formatPurge(report))
      context.done(exitOf(report))
    })
}

/** A broken archive stays broken; a disk error may pass. */
function exitOf({ failed }: PurgeReport): ExitCode {
  if (failed.length === 0) return EXIT.done
  return failed.every(({ code }) => code.startsWith("shard_")) ? EXIT.poisonShard : EXIT.retryable
}

function formatPurge(report: PurgeReport): string {
  const { purge, shards, itemsRemoved, samplesRemoved, gone, undecided, failed, dryRun } = report
  // A table over many shards is stale because of each of them.
  const stale = [...new Set(shards.flatMap((shard) => shard.stale))].sort()
  // One that a killed purge changed is listed only for what describes it.
  const purged = shards.filter(({ itemDigests }) => itemDigests.length > 0)
  const verb = dryRun ? "Would remove" : "Removed"
  return [
    `${verb} ${countOf(itemsRemoved, "known item")} with ${countOf(samplesRemoved, "sample")} from ${countOf(purged.length, "shard")}.\n`,
    ...purged.map(({ path, itemDigests }) => `  ${inert(path)}: ${formatCount(itemDigests.length)}\n`),
    ...stale.map((path) => `  ${inert(path)} describes removed items: make it again\n`),
    ...failed.map(({ path, code }) => `  ${inert(path)}: ${code}; known items may be left in it\n`),
    gone === 0 ? "" : `${countOf(gone, "known item")} ${gone === 1 ? "is" : "are"} no longer in the dataset.\n`,
    undecided === 0 ? "" : `${countOf(undecided, "item")} withheld for a person's review are left for that decision.\n`,
    dryRun ? "" : `Receipt ${purge} is in the workspace's purges folder; one person did this, which is recorded.\n`,
  ].join("")
}
