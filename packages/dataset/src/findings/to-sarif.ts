/**
 * Findings as a SARIF log, for tools that gather results of checks.
 *
 * Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
 * @module
 */
import { compact, type Decision } from "@nightlight/core"
import { TOOL } from "../tool.ts"
import type { FindingsOfScan, ListedFinding } from "./list-findings.ts"

const LEVELS: Readonly<Record<Decision, "error" | "warning" | "note" | "none">> = {
  quarantine: "error",
  block: "error",
  review: "warning",
  inconclusive: "note",
  unscreened: "none",
  clear: "none",
}

/** Writes findings as a SARIF 2.1.0 log of one run. It holds shards' paths, numbers and codes, and no item's name. */
export function toSarif({ record, receipts, report, findings }: FindingsOfScan): object {
  const [name = TOOL, version = "0"] = TOOL.split(" ")
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort()
  const isPacked = new Set(receipts.flatMap(({ shard }) => (shard.layout === "packed" ? [shard.path] : [])))
  const unread = [
    ...receipts.flatMap(({ shard, poison }) => (poison === undefined ? [] : [{ path: shard.path, code: poison }])),
    ...(report?.failed ?? []),
  ]
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name,
            version,
            rules: rules.map((id) => ({ id, shortDescription: { text: `Rule ${id} of policy ${record.policyName}` } })),
          },
        },
        automationDetails: { id: `${name}/${record.scan}` },
        originalUriBaseIds: { DATASET: { description: { text: "The folder that was scanned" } } },
        invocations: [
          compact({
            executionSuccessful: report?.state === "complete",
            startTimeUtc: record.startedAt,
            endTimeUtc: report?.finishedAt,
            toolExecutionNotifications: unread.map(({ path, code }) => ({
              level: "error",
              descriptor: { id: code },
              message: { text: `A shard was not screened: ${code}` },
              locations: [{ physicalLocation: { artifactLocation: artifactOf(path) } }],
            })),
          }),
        ],
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, rules, isPacked.has(finding.shard))),
      },
    ],
  }
}

function resultOf(finding: ListedFinding, rules: readonly string[], isFile: boolean): object {
  const { id, shard, ordinal, sample, depth, decision, rule, cause, mediaType, matches, superseded } = finding
  const [match] = matches
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level: LEVELS[decision],
    message: { text: sentenceOf(finding) },
    locations: [
      {
        // Separate files have a label, which is no file's name.
        ...compact({ physicalLocation: isFile ? { artifactLocation: artifactOf(shard) } : undefined }),
        logicalLocations: [{ name: `item ${ordinal}`, fullyQualifiedName: `${shard}#${ordinal}`, kind: "member" }],
      },
    ],
    partialFingerprints: { "nightlightFinding/v1": id },
    properties: compact({
      decision,
      cause,
      mediaType,
      sample,
      depth,
      list: match?.list,
      hashType: match?.hashType,
      distanceBits: match?.distanceBits,
      superseded,
    }),
  }
}

function sentenceOf({ decision, cause, matches, ordinal, sample }: ListedFinding): string {
  const place = `Item ${ordinal} of sample ${sample}`
  const [match] = matches
  if (match === undefined) return `${place}: ${decision}${cause === undefined ? "" : `, ${cause}`}.`
  const how = match.hashType === "pdq" ? `PDQ at ${match.distanceBits} bits` : match.hashType.toUpperCase()
  return `${place}: ${decision}, matches list ${match.list} by ${how}.`
}

function artifactOf(path: string): object {
  return { uri: path.toWellFormed().split("/").map(encodeURIComponent).join("/"), uriBaseId: "DATASET" }
}
