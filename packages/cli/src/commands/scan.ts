/**
 * `nightlight scan`: the main job.
 * @module
 */
import type { ScanReport } from "@nightlight/contract"
import { EXIT, type ExitCode } from "@nightlight/core"
import { type Command, Option } from "commander"
import { parseCount } from "../terminal/parse-option.ts"
import { openProgressBar } from "../terminal/progress-bar.ts"
import { formatSummary } from "../terminal/scan-summary.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface ScanFlags {
  readonly out?: string
  readonly failOn?: FailOn
  readonly stopAfter?: number
  readonly keepOrientations?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

type FailOn = "review" | "quarantine" | "inconclusive"

/** What each level of `--fail-on` counts as a finding. */
const FAILS_ON: Readonly<Record<FailOn, readonly (keyof ScanReport["decisions"])[]>> = {
  quarantine: ["quarantine", "block"],
  review: ["review", "block", "quarantine"],
  inconclusive: ["inconclusive", "review", "block", "quarantine"],
}

/** Adds `nightlight scan`. */
export function addScan(program: Command, context: CommandContext): void {
  program
    .command("scan")
    .description("screen a dataset against the lists and write a clean copy")
    .argument("<input...>", 'folders, shards or brace lists such as "data/{000000..000099}.tar"')
    .option("--out <folder>", "where the clean copy goes: a new folder outside the dataset")
    .addOption(
      new Option("--fail-on <decision>", "exit 1 if an item got this decision or a graver one").choices([
        "inconclusive",
        "review",
        "quarantine",
      ]),
    )
    .option("--stop-after <n>", "stop for a person after n exact matches of trusted lists", parseCount)
    .option("--keep-orientations", "keep all eight hashes in the sidecars, so that hunts find turned copies")
    .option("--dry-run", "say what would be screened, and against what, without screening it")
    .option("--json", "print the report as one JSON object")
    .option("--quiet", "print nothing but errors")
    .addHelpText(
      "after",
      `
The source is only read. The clean copy holds what was decided "clear" and nothing
else. Interrupted, the same command goes on where it was cut off.`,
    )
    .action(async (inputs: string[], flags: ScanFlags, command: Command) => {
      context.done(await scan(inputs, flags, command, context))
    })
}

async function scan(
  inputs: readonly string[],
  flags: ScanFlags,
  command: Command,
  context: CommandContext,
): Promise<ExitCode> {
  const { io } = context
  const workspace = await openCommandWorkspace(command, context)
  const { previewScan, runScan } = await import("@nightlight/dataset")
  if (flags.dryRun === true) {
    const preview = await previewScan(workspace, inputs, io.signal)
    const { formatPreview } = await import("../terminal/scan-summary.ts")
    print(io, flags.json, preview, () => formatPreview(preview))
    return preview.screened ? EXIT.done : EXIT.unscreened
  }
  const request = {
    inputs,
    ...(flags.out === undefined ? {} : { out: flags.out }),
    ...(flags.stopAfter === undefined ? {} : { stopAfter: flags.stopAfter }),
    ...(flags.keepOrientations === undefined ? {} : { keepOrientations: flags.keepOrientations }),
  }
  const bar = openProgressBar(io, flags.quiet === true)
  const result = await runScan(workspace, request, bar.watcher, io.signal).finally(() => bar.close())
  if (flags.quiet !== true || flags.json === true) {
    print(io, flags.json, { ...result.report, folder: result.folder }, () => formatSummary(result))
  }
  return exitOf(result.report, flags.failOn)
}

/** Files that a walk found, or an operator named, and that nobody could read. */
function unread({ skipped }: ScanReport): number {
  return (skipped["unreadable"] ?? 0) + (skipped["missing"] ?? 0)
}

/** Decides a scan's exit code: what needs someone soonest counts. */
export function exitOf(report: ScanReport, failOn: FailOn | undefined): ExitCode {
  if (report.state === "stopped") return EXIT.stopped
  if (report.failed.length > 0 || unread(report) > 0) return EXIT.retryable
  if (report.poison.length > 0) return EXIT.poisonShard
  if (!report.screened) return EXIT.unscreened
  const counted = failOn === undefined ? [] : FAILS_ON[failOn]
  return counted.some((decision) => report.decisions[decision] > 0) ? EXIT.findings : EXIT.done
}
