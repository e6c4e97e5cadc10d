/**
 * The summary of a scan, for a terminal of 80 columns.
 * @module
 */

import type { ScanReport } from "@nightlight/contract"
import { compact, describeIsolation, inert } from "@nightlight/core"
import type { ScanPreview, ScanResult } from "@nightlight/dataset"
import { countOf, formatBytes, formatCount, formatSeconds } from "./numbers.ts"
import { formatTable } from "./table.ts"

/** Words for each decision. */
const DECISION_WORDS: Readonly<Record<keyof ScanReport["decisions"], string>> = {
  clear: "clear: nothing was found",
  unscreened: "unscreened: there was no real list of files' hashes to check against",
  inconclusive: "inconclusive: could not be screened, withheld",
  review: "review: match by likeness, address or digest; withheld for a person",
  block: "block: withheld by policy",
  quarantine: "quarantine: match a known file exactly, withheld",
}

/** Words for `clear` where there is a copy. */
const COPIED_WORDS = "clear: in the clean copy unless withheld with their sample or shard"

/** Writes the summary of a scan. */
export function formatSummary({ report, folder }: ScanResult): string {
  const { totals, activeSeconds } = report
  const rate = totals.items / Math.max(activeSeconds, 0.001)
  const parts = [
    `${headline(report)}\n`,
    mostlyUnread(report),
    `${countOf(totals.items, "item")} in ${countOf(totals.samples, "sample")}, ${countOf(totals.shards, "shard")}, ${formatBytes(totals.bytes)}; ${formatSeconds(activeSeconds)}, ${formatCount(rate)} items/s\n`,
    decisionTable(report),
    matchTable(report),
    coverage(report),
    cleanCopy(report),
    nextSteps(report),
    `Report    ${inert(folder)}/report.html\n`,
  ]
  return parts.filter((part) => part !== "").join("\n")
}

/** Writes what a scan would do. */
export function formatPreview(preview: ScanPreview): string {
  const lists = preview.lists.length === 0 ? "no list at all" : preview.lists.map(({ name }) => name).join(", ")
  return [
    `Would screen ${countOf(preview.shards, "shard")} (${formatBytes(preview.bytes)}) below ${inert(preview.root)}`,
    `against ${lists}.`,
    ...Object.entries(preview.kinds).map(([kind, count]) => `  ${kind}: ${formatCount(count)}`),
    ...Object.entries(preview.skipped).map(([reason, count]) => `  left aside, ${reason}: ${formatCount(count)}`),
    ...previewTypes(preview),
    preview.screened ? "" : "No real list has hashes of files: the result would be unscreened, without a clean copy.",
  ]
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("")
}

function previewTypes({ types, isMostUnread }: ScanPreview): readonly string[] {
  const unread = types.filter(({ isRead }) => !isRead)
  const lineOf = ({ mediaType, files, bytes, isRead }: ScanPreview["types"][number]) =>
    `  ${formatCount(files)} ${inert(mediaType)}, ${formatBytes(bytes)}${isRead ? "" : ": cannot be looked into, and is withheld"}`
  return [
    ...(types.length === 0 ? [] : ["Separate files by their first bytes:"]),
    ...types.map(lineOf),
    ...(isMostUnread
      ? [`WARNING: most of the separate files cannot be looked into (${countOf(unread.length, "format")}).`]
      : []),
  ]
}

/** Lines of one kind that the summary shows; the report holds all. */
const MAX_LINES = 5

/** Writes the first of many lines, and how many more there are. */
function capped<T>(values: readonly T[], write: (value: T) => string): string {
  const more = values.length - MAX_LINES
  const rest = more > 0 ? `          and ${formatCount(more)} more, in the report\n` : ""
  return values.slice(0, MAX_LINES).map(write).join("") + rest
}

/** Says that a scan without matches means nothing where most was not looked into. */
function mostlyUnread({ unread, totals, poison }: ScanReport): string {
  if (!unread.isMost) return ""
  const types = Object.entries(unread.types).toSorted(([, a], [, b]) => b - a)
  const items = unread.items === 0 ? "" : `; ${formatCount(unread.items)} of ${countOf(totals.items, "item")}`
  const lines = [
    "WARNING   MOST OF THE INPUT WAS NOT LOOKED INTO, and is withheld:\n",
    `          ${formatBytes(unread.bytes)} of ${formatBytes(totals.bytes)}${items}\n`,
  ]
  if (poison.length > 0)
    lines.push(
      `          ${countOf(poison.length, "shard was", "shards were")} set aside: replace or repair ${poison.length === 1 ? "it" : "them"}, and run the same\n          command again.\n`,
    )
  if (types.length > 0)
    lines.push(
      capped(types, ([type, count]) => `          ${formatCount(count)} ${inert(type)}\n`),
      "          nightlight scan --dry-run names what can be read.\n",
    )
  return lines.join("")
}

function headline(report: ScanReport): string {
  const { scan, state, screened, decisions, failed, remaining } = report
  const found = decisions.review + decisions.block + decisions.quarantine
  const result = screened
    ? `${countOf(found, "match", "matches")}, ${countOf(report.withheldSamples, "sample")} withheld.`
    : "UNSCREENED: no real list has hashes of files, so nothing was cleared and no copy was written."
  if (state === "stopped") return `${scan} stopped for a person's review: ${result}`
  if (state === "partial") {
    // Shards of tasks that did not end are only left.
    const tried = failed.filter(({ code }) => code !== "not_screened").length
    const left = remaining - tried
    const parts = [
      ...(tried > 0 ? [`${countOf(tried, "shard")} failed`] : []),
      ...(left > 0 ? [`${countOf(left, "shard is", "shards are")} left for another run`] : []),
    ]
    return `${scan} is not finished: ${parts.join(", ")}. ${result}`
  }
  return `${scan} is done: ${result}`
}

function decisionTable({ decisions, causes, exceptions, clean }: ScanReport): string {
  const hasCopy = clean !== undefined && !isEmpty(clean)
  const rows = Object.entries({ ...DECISION_WORDS, ...compact({ clear: hasCopy ? COPIED_WORDS : undefined }) })
    .map(([name, words]) => ({ count: decisions[name as keyof typeof decisions], words }))
    .filter(({ count }) => count > 0)
    .map(({ count, words }) => [formatCount(count), words])
  const why = Object.entries(causes).map(([cause, count]) => `          ${formatCount(count)} ${cause}\n`)
  const unseen = Object.entries(exceptions).map(
    ([type, count]) =>
      `${countOf(count, "item")} of type ${type} cleared without screening: the policy names the type\n`,
  )
  return (
    formatTable([{ heading: "Items", numeric: true }, { heading: "Decision" }], rows) + [...why, ...unseen].join("")
  )
}

function matchTable({ matches, flooding, weakMatches }: ScanReport): string {
  const rows = matches.map(({ list, trust, hashType, items }) => [formatCount(items), list, trust, hashType])
  const table =
    rows.length === 0
      ? ""
      : formatTable(
          [{ heading: "Matched", numeric: true }, { heading: "List" }, { heading: "Trust" }, { heading: "By" }],
          rows,
        )
  const flood = capped(
    flooding,
    ({ list, entry }) => `Entry ${entry} of ${list} matched more than 20 different items: look at the list first.\n`,
  )
  const weak =
    weakMatches === 0 ? "" : `${countOf(weakMatches, "hit")} on pictures with too little detail: only recorded.\n`
  return table + flood + weak
}

/** Hints for files that could not be read. */
const ASIDE_HINTS: Readonly<Record<string, string>> = {
  unreadable: ": correct that and run the same command again",
  missing: ": restore them and run the same command again",
}

function coverage({ coverage, commit, skipped, poison }: ScanReport): string {
  const lists = coverage.lists.map(
    ({ name, trust, entries, snapshot, asOf }) =>
      `Against   ${name} (${trust}, ${formatCount(entries)} entries, version ${snapshot}${asOf === undefined ? "" : `, as of ${asOf}`})\n`,
  )
  const aside = Object.entries(skipped).map(
    ([reason, count]) => `Left out  ${formatCount(count)} ${reason}${ASIDE_HINTS[reason] ?? ""}\n`,
  )
  const broken = capped(
    poison,
    ({ path, code }) => `Set aside ${inert(path)}: ${code}; nothing of it is copied: replace or repair it\n`,
  )
  const commits = commit === undefined ? [] : [`Commit    ${commit}\n`]
  return [...lists, ...commits, `Isolation ${coverage.isolation}\n`, ...aside, broken].join("")
}

/** Warns that only resource limits contained the decoder. */
function warnOf({ isolation }: ScanReport["coverage"]): string[] {
  if (isolation !== "none") return []
  const { does, stronger } = describeIsolation(isolation)
  return [`Warning   the decoder was not isolated: ${does}`, `          ${stronger}`]
}

/** What follows where the output's store does not keep two writers apart. */
const UNCONDITIONAL_WORDS: Readonly<Record<NonNullable<ScanReport["conditionalWrites"]>, string>> = {
  enforced: "",
  refused: "Output    the object store refuses conditional writes: never run two scans with one --out at once\n",
  ignored: "Output    the object store ignores conditions of writes: never run two scans with one --out at once\n",
}

/** Whether no file was written. */
function isEmpty({ itemsWritten, bytes }: NonNullable<ScanReport["clean"]>): boolean {
  return itemsWritten === 0 && bytes === 0
}

function cleanCopy({ clean, out, conditionalWrites, withheldSamples }: ScanReport): string {
  if (clean === undefined || out === undefined) return ""
  const what = isEmpty(clean)
    ? `nothing was written to ${inert(out)}`
    : `${inert(out)}: ${countOf(clean.itemsWritten, "item")}, ${formatBytes(clean.bytes)}`
  const collisions =
    clean.keyCollisions === 0
      ? ""
      : `          ${countOf(clean.keyCollisions, "clear sample")} left out as well: without what was withheld between\n          them, loaders would merge samples of the same key\n`
  return [
    `Clean     ${what}; ${countOf(withheldSamples, "sample")} withheld\n`,
    collisions,
    capped(clean.stale, (path) => `Left out  ${inert(path)}: describes withheld samples\n`),
    conditionalWrites === undefined ? "" : UNCONDITIONAL_WORDS[conditionalWrites],
  ].join("")
}

function nextSteps(report: ScanReport): string {
  const { inPlace, sealed, custody, scan } = report
  const lines: string[] = []
  if (sealed.withContent > 0)
    lines.push(`Sealed    ${countOf(sealed.withContent, "item")}, opened only by the custodian's or the recovery key`)
  if (!custody.separated) lines.push("Custody   not separated: the custodian's key is in this workspace")
  lines.push(...warnOf(report.coverage))
  if (inPlace.items > 0) {
    lines.push(
      `In place  ${countOf(inPlace.items, "known item")} still in the source, in ${countOf(inPlace.shards.length, "shard")}:`,
      capped(inPlace.shards, ({ path, items }) => `            ${inert(path)}: ${formatCount(items)}\n`).trimEnd(),
      "          Do not open or copy them. Tell the person responsible. Once they are",
      "          sealed, reported or ordered to be removed, run:",
      `          nightlight purge ${scan} --basis "..."`,
    )
  }
  return lines.map((line) => `${line}\n`).join("")
}
