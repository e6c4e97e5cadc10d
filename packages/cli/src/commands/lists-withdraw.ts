/**
 * `nightlight lists withdraw`: entries that a list's source no longer vouches for.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT } from "@nightlight/core"
import type { WithdrawReport } from "@nightlight/dataset"
import type { ListFormatName } from "@nightlight/exchanges"
import type { Command } from "commander"
import { openCounter } from "../terminal/counter-line.ts"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { parseDate } from "../terminal/parse-option.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"
import { takeListFile } from "./list-file.ts"
import { formatBadLines } from "./lists-bad-lines.ts"

interface WithdrawFlags {
  readonly name: string
  readonly format?: ListFormatName
  readonly asOf?: string
  readonly acceptShrink?: boolean
  readonly acceptUnread?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Adds `nightlight lists withdraw`. */
export function addWithdraw(lists: Command, context: CommandContext): void {
  takeListFile(lists.command("withdraw"))
    .description("withdraw the entries of a file from a list: nothing matches them any more")
    .requiredOption("--name <name>", "the list's name")
    .option("--as-of <date>", "the date that the source states for the list", parseDate)
    .option("--accept-shrink", "accept that less than half of the list is left")
    .option("--accept-unread", "accept a file in which no hash of some kind can be read")
    .option("--dry-run", "count what would be withdrawn, and change nothing")
    .option("--json", "print the result as one JSON object")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nA hash is withdrawn under every category. Findings and cases that exist already stay.")
    .action(async (file: string, flags: WithdrawFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { withdrawFromWorkspaceList } = await import("@nightlight/dataset")
      const { readHashList } = await import("@nightlight/exchanges")
      const { name, format, asOf, acceptShrink, acceptUnread, dryRun, quiet, json } = flags
      const line = openCounter(io, quiet === true, "entries read")
      const report = await withdrawFromWorkspaceList(
        workspace,
        readHashList(resolve(io.cwd, file), compact({ format })),
        compact({ name, asOf, acceptShrink, acceptUnread, dryRun }),
        { onProgress: ({ items }) => line.update(items), signal: io.signal },
      ).finally(() => line.close())
      if (quiet !== true || json === true) print(io, json, report, () => formatWithdrawal(report))
      context.done(EXIT.done)
    })
}

function formatWithdrawal({ summary, indexVersion }: WithdrawReport): string {
  const { name, version, changed, counts, withdrawn, absent, bad } = summary
  const left = counts.md5 + counts.sha1 + counts.sha256 + counts.pdq + counts.url
  const entries = countOf(withdrawn, "entry", "entries")
  return [
    indexVersion === undefined
      ? `${entries} of ${name} would be withdrawn, of ${formatCount(left)}. Nothing was changed.\n`
      : !changed
        ? `${name} is unchanged: version ${version}.\n`
        : `${entries} withdrawn: ${name} version ${version} with ${formatCount(left)} is live in index ${indexVersion}.\n`,
    absent === 0 ? "" : `${countOf(absent, "hash", "hashes")} of the file not in the list.\n`,
    formatBadLines(bad),
  ].join("")
}
