/**
 * `nightlight scan`: the main job.
 * @module
 */
import type { ScanReport } from "@nightlight/contract"
import { compact, EXIT, type ExitCode, NightlightError, RequestError } from "@nightlight/core"
import type { PushReport } from "@nightlight/dataset"
import type { MergeResult, ScanResult } from "@nightlight/dataset/scan"
import type { Workspace } from "@nightlight/dataset/workspace"
import { Argument, type Command, Option } from "commander"
import { formatFailure, toFailure } from "../terminal/failure.ts"
import type { Io } from "../terminal/io.ts"
import { collect, parseCount, parsePrice, parseRank } from "../terminal/parse-option.ts"
import { openScanProgress } from "../terminal/scan-progress.ts"
import { formatSummary } from "../terminal/scan-summary.ts"
import { completeLater } from "./complete-later.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"
import { formatPush, type PushPlace, push, pushExit, readServerKey, type ServerFlags } from "./push.ts"
import { formatUnfinished, isTask, mergePlan, scanTask, type TaskFlags } from "./scan-task.ts"

interface ScanFlags extends ServerFlags, TaskFlags {
  readonly out?: string
  readonly failOn?: FailOn
  readonly stopAfter?: number
  readonly keepOrientations?: boolean
  readonly limit?: number
  readonly exclude?: readonly string[]
  readonly dryRun?: boolean
  readonly estimate?: boolean
  readonly seconds: number
  readonly price?: number
  readonly json?: boolean
  readonly quiet?: boolean
}

type FailOn = "review" | "quarantine" | "inconclusive"

/** The decisions that each level of `--fail-on` counts as findings. */
const FAILS_ON: Readonly<Record<FailOn, readonly (keyof ScanReport["decisions"])[]>> = {
  quarantine: ["quarantine", "block"],
  review: ["review", "block", "quarantine"],
  inconclusive: ["inconclusive", "review", "block", "quarantine"],
}

/** Adds `nightlight scan`. */
export function addScan(program: Command, context: CommandContext): void {
  const input = new Argument(
    "[input...]",
    'folders, shards or brace lists such as "data/{000000..000099}.tar"; s3://bucket/prefix; hf://datasets/OWNER/NAME',
  )
  const { description } = input
  const command = program
    .command("scan")
    .description("screen a dataset against the hash lists and write a clean copy")
    .addArgument(input)
    .option("--out <folder>", "folder or s3://bucket/prefix of the clean copy: a new one outside the dataset")
    .addOption(
      new Option("--fail-on <decision>", "exit 1 if an item got this decision or a graver one").choices([
        "inconclusive",
        "review",
        "quarantine",
      ]),
    )
    .option("--stop-after <n>", "stop for a person's review after n exact matches of trusted lists", parseCount)
    .option(
      "--keep-orientations",
      "keep all eight hashes in the sidecars, so that hunts find rotated and mirrored copies",
    )
    .option("--limit <n>", "screen at most n shards now; the same command continues", parseCount)
    .option(
      "--exclude <glob>",
      'leave paths out, such as "drafts/**" or "*.tmp"; may be repeated, and joins scan.exclude of nightlight.yaml',
      collect,
    )
    .option("--plan <file>", "screen one part of a planned scan: see nightlight plan")
    .option("--rank <n>", "the part of this rank; auto: the index that Slurm, Kubernetes or AWS Batch gave", parseRank)
    .option("--shards <file>", "the shards named in this file, one path in each line; - reads standard input")
    .option("--merge", "write the report over all tasks of the plan")
    .option("--server <url>", "push the findings to this server after the scan; see nightlight push")
    .option("--key-file <file>", "a file (0600) with the server's key; else NIGHTLIGHT_SERVER_KEY")
    .option("--dry-run", "show what would be screened, and against which lists, without screening")
    .option("--estimate", "screen a sample and say what the scan would take: items, core-hours, time, cost")
    .option("--seconds <n>", "how long the sample of --estimate takes", parseCount, 20)
    .option("--price <amount>", "price of a core-hour, for the cost in --estimate", parsePrice)
    .option("--json", "print the report as one JSON object")
    .option("--quiet", "print nothing but errors")
    .addHelpText(
      "after",
      `
The source is only read. The clean copy holds what was decided "clear" and nothing
else. If a scan is interrupted, run the same command again: it continues. If shards
were added, replaced or removed since, it screens only those.`,
    )
    .action(async (inputs: string[], flags: ScanFlags, command: Command) => {
      context.done(await scan(inputs, flags, command, context))
    })
  completeLater(command, async () => {
    const { datasetFormats } = await import("@nightlight/dataset/scan")
    input.description = `${description}; formats: ${datasetFormats.join("; ")}`
  })
}

async function scan(
  inputs: readonly string[],
  flags: ScanFlags,
  command: Command,
  context: CommandContext,
): Promise<ExitCode> {
  const { io } = context
  const isPlanned = isTask(flags, inputs)
  const workspace = await openCommandWorkspace(command, context)
  if (isPlanned && flags.merge !== true) return scanTask({ workspace, io }, flags)
  const { previewScan, runScan } = await import("@nightlight/dataset/scan")
  if (flags.dryRun === true) {
    const preview = await previewScan(workspace, compact({ inputs, exclude: flags.exclude }), io.signal)
    const { formatPreview } = await import("../terminal/scan-summary.ts")
    print(io, flags.json, preview, () => formatPreview(preview))
    return preview.screened ? EXIT.done : EXIT.unscreened
  }
  if (flags.estimate === true) return estimate(workspace, { inputs, flags }, io)
  const request = compact({
    inputs,
    out: flags.out,
    stopAfter: flags.stopAfter,
    limit: flags.limit,
    exclude: flags.exclude,
    keepOrientations: flags.keepOrientations,
  })
  await assertServer(flags, context)
  const teller = await openScanProgress(io, flags.quiet === true)
  const running: Promise<ScanResult & Partial<MergeResult>> = isPlanned
    ? mergePlan({ workspace, io }, flags, teller.watcher)
    : runScan(workspace, request, teller.watcher, io.signal)
  const result = await running.finally(() => teller.close())
  const pushed = await pushAfter({ workspace, io, isQuiet: flags.quiet === true }, flags, result.report.scan)
  if (flags.quiet !== true || flags.json === true) {
    const { report } = pushed
    const { folder, unfinishedRanks } = result
    const told = { ...result.report, folder, ...compact({ unfinishedRanks, pushed: report }) }
    print(io, flags.json, told, () =>
      [
        formatSummary(result),
        formatUnfinished(unfinishedRanks ?? []),
        report === undefined ? "" : formatPush(report),
      ].join(""),
    )
  }
  const exit = exitOf(result.report, flags.failOn)
  return exit === EXIT.done || exit === EXIT.findings ? (pushed.exit ?? exit) : exit
}

async function estimate(
  workspace: Workspace,
  { inputs, flags }: { readonly inputs: readonly string[]; readonly flags: ScanFlags },
  io: Io,
): Promise<ExitCode> {
  const { estimateScan } = await import("@nightlight/dataset/scan")
  const { formatEstimate } = await import("../terminal/scan-estimate.ts")
  if (flags.quiet !== true) io.err(`Screening a sample for about ${flags.seconds} s\n`)
  const found = await estimateScan(
    workspace,
    compact({ inputs, exclude: flags.exclude, seconds: flags.seconds }),
    io.signal,
  )
  const cost = flags.price === undefined ? undefined : found.coreHours * flags.price
  print(io, flags.json, compact({ ...found, cost }), () => formatEstimate(found, cost))
  return EXIT.done
}

/** Reports an unusable address or key of the server before hours of work, not after. */
async function assertServer({ server, keyFile }: ScanFlags, { io }: CommandContext): Promise<void> {
  if (server === undefined) {
    if (keyFile === undefined) return
    throw new RequestError("input_invalid", "--key-file applies only with --server")
  }
  const { parseServerAddress } = await import("@nightlight/contract/client")
  parseServerAddress(server)
  await readServerKey(io, keyFile)
}

/** Pushes a finished scan; a failure is reported, and the scan itself stays done. */
async function pushAfter(
  place: PushPlace,
  { server, keyFile }: ScanFlags,
  scan: string,
): Promise<{ readonly report?: PushReport; readonly exit?: ExitCode }> {
  if (server === undefined) return {}
  try {
    const report = await push(place, { scan, server, keyFile })
    const exit = pushExit(report)
    return compact({ report, exit: exit === EXIT.done ? undefined : exit })
  } catch (error) {
    if (!(error instanceof NightlightError)) throw error
    const failure = toFailure(error)
    const hint = `The findings are in the workspace: nightlight push ${scan} --server ... continues.`
    place.io.err(formatFailure({ ...failure, hint: failure.hint ?? hint }))
    return { exit: failure.exit }
  }
}

/** Files that a walk found, or an operator named, and that could not be read. */
function unread({ skipped }: ScanReport): number {
  return (skipped["unreadable"] ?? 0) + (skipped["missing"] ?? 0)
}

/** Decides a scan's exit code: the most urgent result counts. */
export function exitOf(report: ScanReport, failOn: FailOn | undefined): ExitCode {
  if (report.state === "stopped") return EXIT.stopped
  if (report.remaining > 0 || report.failed.length > 0 || unread(report) > 0) return EXIT.retryable
  if (report.poison.length > 0) return EXIT.poisonShard
  if (!report.screened) return EXIT.unscreened
  if (report.unread.isMost) return EXIT.mostlyUnread
  const counted = failOn === undefined ? [] : FAILS_ON[failOn]
  return counted.some((decision) => report.decisions[decision] > 0) ? EXIT.findings : EXIT.done
}
