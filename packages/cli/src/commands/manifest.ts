/**
 * `nightlight manifest`: what to drop from other copies of a dataset.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT, inert } from "@nightlight/core"
import type { DatacompResult, ShardsProgress } from "@nightlight/dataset"
import type { Command } from "commander"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { parseCount } from "../terminal/parse-option.ts"
import { openProgressBar } from "../terminal/progress-bar.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface DatacompFlags {
  readonly keep: string
  readonly subset?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

interface ExportFlags {
  readonly out: string
  readonly padded?: number | true
  readonly json?: boolean
}

/** Adds `nightlight manifest`. */
export function addManifest(program: Command, context: CommandContext): void {
  const manifest = program.command("manifest").description("removal manifests for other copies of a dataset")
  manifest
    .command("export")
    .description("export the items that a scan withheld, in a form that does not show others where to find them")
    .argument("<scan>", "a scan's name, such as s-000001")
    .requiredOption("--out <file>", "the manifest to write, NDJSON")
    .option(
      "--padded [decoys]",
      "for others: name samples by position among this many decoys each (default 100)",
      parseCount,
    )
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
Without --padded the manifest has keyed digests: only the holder of this workspace's
digest key can use it.`,
    )
    .action(async (scan: string, flags: ExportFlags, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { DEFAULT_DECOYS, exportManifest } = await import("@nightlight/dataset")
      const result = await exportManifest(
        workspace,
        compact({
          scan,
          out: resolve(context.io.cwd, flags.out),
          decoys: flags.padded === undefined ? undefined : flags.padded === true ? DEFAULT_DECOYS : flags.padded,
        }),
      )
      print(
        context.io,
        flags.json,
        result,
        () => `A ${result.kind} manifest of ${formatCount(result.lines)} lines is in ${inert(flags.out)}\n`,
      )
      context.done(EXIT.done)
    })
  manifest
    .command("datacomp")
    .description("list the rows of a DataComp pool that stay after a scan, as a subset file (.npy)")
    .argument("[scan]", "a scan's name, such as s-000001 (default: the newest)")
    .requiredOption("--keep <file>", "the subset file to write: the uids of all rows that stay")
    .option("--subset <file>", "a subset file of your own: write only its uids that stay")
    .option("--json", "print the result as one JSON object")
    .option("--quiet", "print nothing but errors")
    .addHelpText(
      "after",
      `
The pool must be as it was screened. The uids of withheld rows are listed in the
workspace, restricted as findings are.`,
    )
    .action(async (scan: string | undefined, flags: DatacompFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { exportDatacompLists } = await import("@nightlight/dataset")
      const keep = resolve(io.cwd, flags.keep)
      const subset = flags.subset === undefined ? undefined : resolve(io.cwd, flags.subset)
      const bar = await openProgressBar(io, flags.quiet === true)
      const onPlan = (progress: Readonly<ShardsProgress>) => bar.begin(progress, () => [])
      const result = await exportDatacompLists(
        workspace,
        compact({ scan, keep, subset }),
        { onPlan },
        io.signal,
      ).finally(() => bar.close())
      if (flags.quiet !== true || flags.json === true) {
        print(io, flags.json, result, () => formatDatacomp(result, flags.keep))
      }
      context.done(result.unreadTables > 0 ? EXIT.poisonShard : EXIT.done)
    })
}

function formatDatacomp(result: DatacompResult, keep: string): string {
  const { kept, removed, removedList, repeated, subset, unreadTables } = result
  return [
    `${inert(keep)}: ${countOf(kept, "uid")} of rows that stay\n`,
    `${inert(removedList)}: ${countOf(removed, "uid")} of withheld rows\n`,
    subset === undefined
      ? ""
      : `Of ${countOf(subset.ids, "uid")} of the subset, ${formatCount(subset.removed)} were withheld and ${formatCount(subset.unscreened)} are of no row that was screened.\n`,
    repeated === 0
      ? ""
      : `${countOf(repeated, "row")} had the uid of another: it stays if none of them was withheld.\n`,
    unreadTables === 0
      ? ""
      : `${countOf(unreadTables, "table")} could not be read: their rows stay only by another row with the same uid.\n`,
  ].join("")
}
