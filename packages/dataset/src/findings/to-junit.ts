/**
 * A scan as a JUnit report, for CI systems: one test case for each shard.
 *
 * Source: the schema of the Jenkins xUnit plugin, `junit-10.xsd`, whose elements all readers know.
 * @module
 */
import type { ShardReceipt } from "@nightlight/contract"
import { inert } from "@nightlight/core"
import type { FindingsOfScan, ListedFinding } from "./list-findings.ts"

/** Ids that a failure names; the others are counted. */
const MAX_IDS = 20

/**
 * Writes a scan as a JUnit report. A shard fails where an item matched, is an error where it was set aside or could not
 * be screened, and is skipped where nothing in it could be looked into. No item's name is in it.
 */
export function toJunit({ record, receipts, report, findings }: FindingsOfScan): string {
  const byShard = Map.groupBy(
    findings.filter(({ superseded }) => superseded === undefined),
    ({ shard }) => shard,
  )
  const cases = [
    ...receipts.map((receipt) => caseOf(receipt, byShard.get(receipt.shard.path) ?? [])),
    ...(report?.failed ?? []).map(({ path, code }) => ({
      kind: "error" as const,
      xml: testCase({ name: path, type: "shard", seconds: 0 }, element("error", { type: code, message: code })),
    })),
  ]
  const count = (kind: CaseKind) => cases.filter((one) => one.kind === kind).length
  const attributes = {
    name: `nightlight ${record.scan}`,
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
    time: receipts.reduce((total, receipt) => total + secondsOf(receipt), 0).toFixed(3),
    timestamp: record.startedAt.slice(0, 19),
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `<testsuite${written(attributes)}>`,
    ...cases.map(({ xml }) => xml),
    "</testsuite>",
    "</testsuites>",
    "",
  ].join("\n")
}

type CaseKind = "failure" | "error" | "skipped" | "passed"

function caseOf(receipt: ShardReceipt, findings: readonly ListedFinding[]): { kind: CaseKind; xml: string } {
  const { shard, poison, items, decisions } = receipt
  const about = { name: shard.path, type: shard.kind, seconds: secondsOf(receipt) }
  const matched = findings.filter(({ decision }) => decision !== "inconclusive")
  const counts = ["quarantine", "block", "review"]
    .map((name) => ({ name, number: matched.filter(({ decision }) => decision === name).length }))
    .flatMap(({ name, number }) => (number > 0 ? [`${number} ${name}`] : []))
  if (poison !== undefined) {
    // It may have been read in part.
    const message = [`set aside: ${poison}`, ...counts].join(", ")
    return { kind: "error", xml: testCase(about, element("error", { type: poison, message }, idsOf(matched))) }
  }
  if (matched.length > 0) {
    const message = counts.join(", ")
    const worst = matched.some(({ decision }) => decision !== "review") ? "match" : "review"
    return { kind: "failure", xml: testCase(about, element("failure", { type: worst, message }, idsOf(matched))) }
  }
  const unclear = decisions.inconclusive
  if (unclear === 0) return { kind: "passed", xml: testCase(about, "") }
  const message = `${unclear} of ${items} items could not be screened`
  if (unclear < items) return { kind: "passed", xml: testCase(about, `<system-out>${escapeXml(message)}</system-out>`) }
  return { kind: "skipped", xml: testCase(about, element("skipped", { message })) }
}

function idsOf(findings: readonly ListedFinding[]): string {
  const lines = findings
    .slice(0, MAX_IDS)
    .map(({ id, ordinal, sample, decision }) => `${id.slice(0, 16)} item ${ordinal} of sample ${sample}: ${decision}`)
  const more = findings.length - MAX_IDS
  return [...lines, ...(more > 0 ? [`and ${more} more: nightlight findings`] : [])].join("\n")
}

function secondsOf({ startedAt, finishedAt }: ShardReceipt): number {
  return Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000)
}

function testCase(about: { readonly name: string; readonly type: string; readonly seconds: number }, inner: string) {
  const attributes = { name: about.name, classname: `nightlight.${about.type}`, time: about.seconds.toFixed(3) }
  return inner === "" ? `<testcase${written(attributes)}/>` : `<testcase${written(attributes)}>${inner}</testcase>`
}

function element(name: string, attributes: Readonly<Record<string, string>>, text = ""): string {
  return text === ""
    ? `<${name}${written(attributes)}/>`
    : `<${name}${written(attributes)}>${escapeXml(text)}</${name}>`
}

function written(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("")
}

/** Escapes text for content and quoted attributes; what XML does not allow is shown as its code. */
function escapeXml(text: string): string {
  const lines = text.split("\n").map((line) => inert(line).replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`))
  return lines.join("\n")
}
