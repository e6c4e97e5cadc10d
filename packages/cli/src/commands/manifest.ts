/**
 * `nightlight manifest`: what to drop from other copies of a dataset.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT, inert } from "@nightlight/core"
import type { Command } from "commander"
import { formatCount } from "../terminal/numbers.ts"
import { parseCount } from "../terminal/parse-option.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

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
}
