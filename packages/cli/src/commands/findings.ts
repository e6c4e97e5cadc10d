/**
 * `nightlight findings`: what a scan found, by place and number; a name only on a terminal.
 * @module
 */
import { compact, EXIT, inert, RequestError } from "@nightlight/core"
import type { FindingsOfScan, FindingsRequest, ListedFinding, LocatedItem, SkippedFile } from "@nightlight/dataset"
import { type Command, InvalidArgumentError, Option } from "commander"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { collect } from "../terminal/parse-option.ts"
import { formatTable } from "../terminal/table.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface FindingsFlags {
  readonly decision?: FindingsRequest["decisions"]
  readonly shard?: readonly string[]
  readonly list?: readonly string[]
  readonly cause?: readonly string[]
  readonly format: "table" | "json" | "sarif" | "junit"
  readonly json?: boolean
}

/** Decisions that make a finding. */
const FOUND = ["inconclusive", "review", "block", "quarantine"] as const

function collectDecision(text: string, earlier: FindingsRequest["decisions"]): FindingsRequest["decisions"] {
  const decision = FOUND.find((name) => name === text)
  if (decision === undefined) throw new InvalidArgumentError(`expected one of ${FOUND.join(", ")}`)
  return [...(earlier ?? []), decision]
}

/** Adds `nightlight findings`. */
export function addFindings(program: Command, context: CommandContext): void {
  const findings = program
    .command("findings")
    .description("list what a scan found: ids, places by number, decisions, matches; never a name")
    .argument("[scan]", "a scan's name, such as s-000001 (default: the newest)")
    .option(
      "--decision <decision>",
      `only findings with this decision, ${FOUND.join(", ")}; may be repeated`,
      collectDecision,
    )
    .option("--shard <glob>", 'only in these shards, such as "train/*.tar"; may be repeated', collect)
    .option("--list <name>", "only matches of this list; may be repeated", collect)
    .option("--cause <code>", "only what could not be screened for this cause; may be repeated", collect)
    .addOption(
      new Option("--format <format>", "sarif is SARIF 2.1.0; junit has a test case for each shard of the scan")
        .choices(["table", "json", "sarif", "junit"])
        .default("table"),
    )
    .option("--json", "the same as --format json: one JSON object")
    .action(async (scan: string | undefined, flags: FindingsFlags, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { listFindings } = await import("@nightlight/dataset")
      const { decision, shard, list, cause } = flags
      const request = compact({ scan, decisions: decision, shards: shard, lists: list, causes: cause })
      await printFindings(context, listFindings(workspace, request), flags)
      context.done(EXIT.done)
    })
  findings
    .command("locate")
    .description("print the name of a finding's item, on a terminal alone; the log records that")
    .argument("<id>", "a finding's id, or its first digits")
    .action(async (id: string, _: object, command: Command) => {
      assertTerminal(context)
      const workspace = await openCommandWorkspace(command, context)
      const { locateFinding } = await import("@nightlight/dataset")
      context.io.out(formatLocated(await locateFinding(workspace, id, context.io.signal)))
      context.done(EXIT.done)
    })
  findings
    .command("skipped")
    .description("print the names of files that a scan did not read, on a terminal alone; the log records that")
    .argument("[scan]", "a scan's name (default: the newest)")
    .action(async (scan: string | undefined, _: object, command: Command) => {
      assertTerminal(context)
      const workspace = await openCommandWorkspace(command, context)
      const { listSkipped } = await import("@nightlight/dataset")
      context.io.out(formatSkipped(await listSkipped(workspace, scan, context.io.signal)))
      context.done(EXIT.done)
    })
}

/** A name in a file or a pipe could be kept by anyone. */
function assertTerminal({ io }: CommandContext): void {
  if (io.isOutputTty) return
  throw new RequestError("forbidden", "names are printed on a terminal alone, not to a file or another program", {
    hint: "Run the command in a terminal, without a pipe or a redirection.",
  })
}

async function printFindings({ io }: CommandContext, found: FindingsOfScan, flags: FindingsFlags): Promise<void> {
  const { toJunit, toSarif } = await import("@nightlight/dataset")
  switch (flags.json === true ? "json" : flags.format) {
    case "sarif":
      return io.out(`${JSON.stringify(toSarif(found), null, 2)}\n`)
    case "junit":
      return io.out(toJunit(found))
    case "json":
      return print(io, true, { scan: found.record.scan, findings: found.findings }, () => "")
    case "table":
      return io.out(formatFindings(found))
  }
}

function formatFindings({ record, findings }: FindingsOfScan): string {
  if (findings.length === 0) return `${record.scan}: no findings.\n`
  const rows = findings.map((finding) => [
    finding.id.slice(0, 16),
    inert(finding.shard),
    formatCount(finding.ordinal),
    formatCount(finding.sample),
    finding.decision,
    whyOf(finding),
  ])
  const columns = [
    { heading: "Finding" },
    { heading: "Shard" },
    { heading: "Item", numeric: true },
    { heading: "Sample", numeric: true },
    { heading: "Decision" },
    { heading: "Why" },
  ]
  return [
    formatTable(columns, rows),
    `\n${countOf(findings.length, "finding")} of ${record.scan}. Items and samples of a shard are counted from 0.\n`,
    "nightlight findings locate ID names an item; nightlight policy explain ID says why it was decided so.\n",
  ].join("")
}

function whyOf({ cause, matches, superseded }: ListedFinding): string {
  const [match] = matches
  const more = matches.length > 1 ? `, and ${matches.length - 1} more` : ""
  const how = match?.hashType === "pdq" ? `pdq, ${match.distanceBits} bits` : match?.hashType
  const parts = [
    ...(match === undefined ? [] : [`${match.list}: ${how}${more}`]),
    ...(cause === undefined ? [] : [cause]),
    ...(superseded === undefined ? [] : ["shard replaced since"]),
  ]
  return parts.join("; ")
}

const CONTENT_WORDS: Readonly<Record<LocatedItem["content"], string>> = {
  same: "its content is what was found",
  moved: "the content that was found stands in another place now",
  unknown: "nothing of it could be read when it was found, so there is no digest to compare",
}

function formatLocated({ id, scan, file, member, content }: LocatedItem): string {
  const inside = member === undefined ? "" : `Member    ${inert(member)}\n`
  return `Finding   ${id.slice(0, 16)} of ${scan}\nFile      ${inert(file)}\n${inside}Content   ${CONTENT_WORDS[content]}\n`
}

function formatSkipped(files: readonly SkippedFile[]): string {
  if (files.length === 0) return "Every file of the source can be read now.\n"
  return formatTable(
    [{ heading: "Reason" }, { heading: "File" }],
    files.map(({ code, file }) => [code, inert(file)]),
  )
}
