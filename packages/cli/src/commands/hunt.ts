/**
 * `nightlight hunt`: matches newer lists against what was screened before.
 * @module
 */
import { compact, EXIT, type ExitCode, inert } from "@nightlight/core"
import type { HuntResult } from "@nightlight/dataset"
import { type Command, Option } from "commander"
import { withCounter } from "../terminal/counter-line.ts"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface HuntFlags {
  readonly again?: boolean
  readonly failOn?: "review" | "quarantine"
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Adds `nightlight hunt`. */
export function addHunt(program: Command, context: CommandContext): void {
  program
    .command("hunt")
    .description("match new list entries against stored fingerprints; needs no pixels")
    .argument("[scan]", "a scan's name, such as s-000001 (default: all)")
    .option("--again", "also match entries that earlier hunts matched")
    .addOption(
      new Option("--fail-on <decision>", "exit 1 if an item got this decision or a graver one").choices([
        "review",
        "quarantine",
      ]),
    )
    .option("--json", "print the report as one JSON object")
    .option("--quiet", "print nothing but errors")
    .action(async (scan: string | undefined, flags: HuntFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { runHunt } = await import("@nightlight/dataset")
      const request = compact({
        scan,
        again: flags.again,
      })
      const result = await withCounter(io, flags.quiet === true, "fingerprints", (onProgress) =>
        runHunt(workspace, request, { onProgress }, io.signal),
      )
      if (flags.quiet !== true || flags.json === true) {
        print(io, flags.json, { ...result.report, folder: result.folder }, () => formatHunt(result))
      }
      context.done(exitOf(result, flags.failOn))
    })
}

function exitOf({ items }: HuntResult, failOn: HuntFlags["failOn"]): ExitCode {
  if (failOn === undefined) return EXIT.done
  const counted = failOn === "quarantine" ? ["block", "quarantine"] : ["review", "block", "quarantine"]
  return items.some(({ decision }) => counted.includes(decision)) ? EXIT.findings : EXIT.done
}

function formatHunt({ report, items, folder }: HuntResult): string {
  const fingerprints = report.scans.reduce((total, scan) => total + scan.fingerprints, 0)
  const addresses = Math.max(0, ...report.scans.map(({ newAddresses }) => newAddresses))
  const upright = report.scans.filter((scan) => !scan.orientations).length
  return [
    `${report.hunt} is done: ${countOf(items.length, "item")} found among ${countOf(fingerprints, "fingerprint")} of ${countOf(report.scans.length, "scan")}.\n\n`,
    ...report.scans.map(
      ({ scan, newEntries, items: found, withdrawn }) =>
        `  ${scan}: ${countOf(newEntries, "new entry", "new entries")}, ${countOf(found, "item")}${
          withdrawn.length === 0 ? "" : `; ${countOf(withdrawn.length, "finding")} rest on withdrawn entries`
        }\n`,
    ),
    addresses === 0
      ? ""
      : `\n${countOf(addresses, "new address was", "new addresses were")} not looked for: a hunt has only hashes. Scan the datasets again.\n`,
    upright === 0
      ? ""
      : `\nOnly upright and cropped hashes were matched in ${countOf(upright, "scan")}: finding rotated copies needs a scan with --keep-orientations.\n`,
    ...(report.inPlace.length === 0
      ? []
      : [
          "\nKnown items are in the source, and in the clean copy made from it:\n",
          ...report.inPlace.map(({ scan, path, items }) => `  ${scan} ${inert(path)}: ${formatCount(items)}\n`),
          `Do not open or copy them. Tell the person responsible, then run: nightlight purge ${report.hunt} --basis "..."\n`,
        ]),
    `\nReport    ${inert(folder)}/hunt.json\n`,
  ].join("")
}
