/**
 * `nightlight lists`: the hash lists of a workspace. Their contents are never printed.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT, inert, RequestError } from "@nightlight/core"
import type { ImportReport } from "@nightlight/dataset"
import type { ListFormatName } from "@nightlight/exchanges"
import type { Snapshot } from "@nightlight/screening"
import { type Command, Option } from "commander"
import { openCounter } from "../terminal/counter-line.ts"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { parseDate, parseRadius } from "../terminal/parse-option.ts"
import { formatTable } from "../terminal/table.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"
import { takeListFile } from "./list-file.ts"
import { formatBadLines } from "./lists-bad-lines.ts"
import { addWithdraw } from "./lists-withdraw.ts"

interface ImportFlags {
  readonly name: string
  readonly format?: ListFormatName
  readonly trust?: "trusted" | "unverified" | "test"
  readonly radius?: number
  readonly asOf?: string
  readonly terms?: string
  readonly acceptShrink?: boolean
  readonly acceptUnread?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

type AddFlags = Pick<ImportFlags, "name" | "format" | "asOf" | "acceptUnread" | "json" | "quiet">

/** Adds `nightlight lists`. */
export function addLists(program: Command, context: CommandContext): void {
  const lists = program.command("lists").description("the hash lists to screen against")
  addImport(lists, context)
  addAdd(lists, context)
  addWithdraw(lists, context)
  addLs(lists, context)
  addShow(lists, context)
  addRemove(lists, context)
  addFalsePositive(lists, context)
  addSnapshot(lists, context)
}

function addImport(lists: Command, context: CommandContext): void {
  takeListFile(lists.command("import"))
    .description("import a list file as the next version of a list")
    .requiredOption("--name <name>", "the list's name: letters, digits and hyphens")
    .addOption(
      new Option(
        "--trust <trust>",
        "trusted: a SHA match quarantines; unverified (default): every match goes to review; test: test pictures",
      ).choices(["trusted", "unverified", "test"]),
    )
    .option("--radius <bits>", "PDQ distance that counts as a match (default 31)", parseRadius)
    .option("--as-of <date>", "the date that the source states for the list", parseDate)
    .option("--terms <text>", "what the source allows the list to be used for")
    .option("--accept-shrink", "accept a list that lost more than half of its entries")
    .option("--accept-unread", "accept a list in which no hash of some kind can be read")
    .option("--json", "print the result as one JSON object")
    .option("--quiet", "print nothing but errors")
    .action(async (file: string, flags: ImportFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { importWorkspaceList } = await import("@nightlight/dataset")
      const { readHashList } = await import("@nightlight/exchanges")
      const { name, format, trust, radius, asOf, terms, acceptShrink, acceptUnread } = flags
      const line = openCounter(io, flags.quiet === true, "entries read")
      const report = await importWorkspaceList(
        workspace,
        readHashList(resolve(io.cwd, file), compact({ format })),
        compact({
          name,
          trust,
          radiusBits: radius,
          asOf,
          terms,
          acceptShrink,
          acceptUnread,
        }),
        { onProgress: ({ items }) => line.update(items), signal: io.signal },
      ).finally(() => line.close())
      if (flags.quiet !== true || flags.json === true) print(io, flags.json, report, () => formatImport(report))
      context.done(EXIT.done)
    })
}

function addAdd(lists: Command, context: CommandContext): void {
  takeListFile(lists.command("add"))
    .description("add the entries of a file to a list, which keeps its settings and its other entries")
    .requiredOption("--name <name>", "the list's name")
    .option("--as-of <date>", "the date that the source states for the list", parseDate)
    .option("--accept-unread", "accept a file in which no hash of some kind can be read")
    .option("--json", "print the result as one JSON object")
    .option("--quiet", "print nothing but errors")
    .action(async (file: string, flags: AddFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { addToWorkspaceList } = await import("@nightlight/dataset")
      const { readHashList } = await import("@nightlight/exchanges")
      const { name, format, asOf, acceptUnread } = flags
      const line = openCounter(io, flags.quiet === true, "entries read")
      const report = await addToWorkspaceList(
        workspace,
        readHashList(resolve(io.cwd, file), compact({ format })),
        compact({ name, asOf, acceptUnread }),
        { onProgress: ({ items }) => line.update(items), signal: io.signal },
      ).finally(() => line.close())
      if (flags.quiet !== true || flags.json === true) print(io, flags.json, report, () => formatImport(report))
      context.done(EXIT.done)
    })
}

function addLs(lists: Command, context: CommandContext): void {
  lists
    .command("ls")
    .description("list the hash lists with counts, dates and versions")
    .option("--json", "print the lists as one JSON object")
    .action(async (flags: { readonly json?: boolean }, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { listWorkspaceLists } = await import("@nightlight/dataset")
      const rows = await listWorkspaceLists(workspace)
      print(context.io, flags.json, { lists: rows }, () =>
        formatTable(
          [
            { heading: "List" },
            { heading: "Trust" },
            { heading: "Version", numeric: true },
            { heading: "Entries", numeric: true },
            { heading: "Radius", numeric: true },
            { heading: "As of" },
          ],
          rows.map(({ name, trust, version, counts, radiusBits, asOf }) => [
            name,
            trust,
            String(version),
            formatCount(counts.md5 + counts.sha1 + counts.sha256 + counts.pdq + counts.url),
            String(radiusBits),
            asOf ?? "unknown",
          ]),
        ),
      )
      context.done(EXIT.done)
    })
}

function addShow(lists: Command, context: CommandContext): void {
  lists
    .command("show")
    .description("show one list: counts, terms and source, never its entries")
    .argument("<name>", "the list's name")
    .option("--json", "print the list as one JSON object")
    .action(async (name: string, flags: { readonly json?: boolean }, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { showWorkspaceList } = await import("@nightlight/dataset")
      const shown = await showWorkspaceList(workspace, name)
      print(context.io, flags.json, shown, () => formatList(shown))
      context.done(EXIT.done)
    })
}

function addRemove(lists: Command, context: CommandContext): void {
  lists
    .command("remove")
    .description("remove a list, its snapshots and every index that contains it")
    .argument("<name>", "the list's name")
    .option("--json", "print the result as one JSON object")
    .action(async (name: string, flags: { readonly json?: boolean }, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { removeWorkspaceList } = await import("@nightlight/dataset")
      await removeWorkspaceList(workspace, name)
      print(
        context.io,
        flags.json,
        { removed: name },
        () => `${name} is removed. Scans no longer use it; one person did this, which is recorded.\n`,
      )
      context.done(EXIT.done)
    })
}

function addFalsePositive(lists: Command, context: CommandContext): void {
  lists
    .command("false-positive")
    .description("record that a finding is a false positive: later scans ignore that entry for it")
    .argument("<finding>", "the finding's id, or its first digits")
    .option("--reason <text>", "who decided this, and why")
    .option("--undo", "withdraw the record")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", "\nA SHA match is the listed file itself and is never ignored.")
    .action(
      async (
        finding: string,
        flags: { readonly reason?: string; readonly undo?: boolean; readonly json?: boolean },
        command: Command,
      ) => {
        const undo = flags.undo === true
        if (!undo && (flags.reason === undefined || flags.reason.trim() === "")) {
          throw new RequestError("input_invalid", "give --reason: who decided this, and why")
        }
        const workspace = await openCommandWorkspace(command, context)
        const { recordFalsePositive } = await import("@nightlight/dataset")
        const report = await recordFalsePositive(workspace, finding, { reason: flags.reason ?? "", undo })
        print(
          context.io,
          flags.json,
          report,
          () =>
            `${countOf(report.pairs, "pair")} ${undo ? "withdrawn" : "recorded"} for finding ${report.finding.slice(0, 16)}; one person did this, which is recorded.\n`,
        )
        context.done(EXIT.done)
      },
    )
}

function addSnapshot(lists: Command, context: CommandContext): void {
  lists
    .command("snapshot")
    .description(
      "write a list's SHA-1 and SHA-256 hashes for the custodian, which matches automatic filings against them",
    )
    .argument("<name>", "the list's name")
    .argument("<folder>", "the custodian's folder of lists: NAME.hashes is written there")
    .option("--json", "print the result as one JSON object")
    .action(async (name: string, folder: string, flags: { readonly json?: boolean }, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { writeListHashes } = await import("@nightlight/dataset")
      const written = await writeListHashes(workspace, name, resolve(context.io.cwd, folder, `${name}.hashes`))
      print(
        context.io,
        flags.json,
        written,
        () => `Wrote ${formatCount(written.hashes)} hashes of ${inert(name)}. SHA-256: ${written.sha256}\n`,
      )
      context.done(EXIT.done)
    })
}

const NO_PDQ =
  "Without PDQ hashes this list finds only exact copies: it does not find a picture that was resized or re-encoded.\n"

function totalOf({ md5, sha1, sha256, pdq }: Snapshot["counts"]): number {
  return md5 + sha1 + sha256 + pdq
}

function formatList(list: Snapshot): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Name", list.name],
    ["Version", String(list.version)],
    ["Trust", list.trust],
    ["Radius", `${list.radiusBits} bits`],
    ["As of", list.asOf ?? "not stated by the source"],
    ["Terms", list.terms],
    ["Imported", list.importedAt],
    ["Source", list.sourceSha256 === undefined ? undefined : `a file with SHA-256 ${list.sourceSha256}`],
    ...Object.entries(list.counts).map(([type, count]) => [type.toUpperCase(), formatCount(count)] as const),
    ["Duplicates", formatCount(list.duplicates)],
    ["Bad lines", formatCount(list.badCount)],
  ]
  return rows.map(([name, value]) => (value === undefined ? "" : `${name.padEnd(10)}  ${inert(value)}\n`)).join("")
}

function formatImport({ summary, indexVersion }: ImportReport): string {
  const { name, version, counts, duplicates, bad, changed } = summary
  const types = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([type, count]) => `${formatCount(count)} ${type}`)
  return [
    !changed
      ? `${name} is unchanged: version ${version}.\n`
      : `${name} version ${version} is live in index ${indexVersion}: ${types.join(", ") || "no entries"}.\n`,
    duplicates === 0 ? "" : `${countOf(duplicates, "duplicate")} counted once.\n`,
    counts.pdq === 0 && totalOf(counts) > 0 ? NO_PDQ : "",
    formatBadLines(bad),
  ].join("")
}
