/**
 * Counts of a shard that img2dataset keeps beside it. The file marks the shard as downloaded, so it stays.
 *
 * Source: img2dataset, `logger.py`, `write_stats`.
 * @module
 */
import { isUtf8 } from "node:buffer"
import type { RowStatuses } from "../parquet/row-statuses.ts"
import { editJson, type JsonEdit } from "./edit-json.ts"

/** Longer ones are left out of a copy where they would have to change. */
export const MAX_STATS_BYTES = 2 ** 24

/** The counts' file, beside `00012.tar`. */
export function isShardStats(path: string): boolean {
  return path.endsWith("_stats.json")
}

/** The text of such a file; undefined where it is not UTF-8, because it could not be written again byte for byte. */
export function statsText(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes).toString("utf8") : undefined
}

/**
 * Lowers `count`, `successes` and the status `success` by the samples that were removed. All other bytes stay.
 *
 * @returns undefined where the counts are not those of such a file.
 */
export function updateShardStats(text: string, removed: number): string | undefined {
  const stats = parse(text)
  if (stats === undefined) return undefined
  const { count, successes } = stats
  if (!isCount(count, removed) || !isCount(successes, removed)) return undefined
  const edits = new Map<string, JsonEdit>([
    ["count", { kind: "set", value: count - removed }],
    ["successes", { kind: "set", value: successes - removed }],
  ])
  const { success } = statusesIn(stats) ?? {}
  if (success !== undefined) {
    if (!isCount(success, removed)) return undefined
    edits.set("status_dict", {
      kind: "edit",
      members: new Map([["success", { kind: "set", value: success - removed }]]),
    })
  }
  return editJson(text, edits)
}

/** Error messages that the counts have; empty where they have none. */
export function messagesIn(text: string): ReadonlySet<string> {
  return new Set(Object.keys(statusesIn(parse(text)) ?? {}))
}

/**
 * Writes the counts as img2dataset writes them for the rows of a table. A message that no row has is left out; all other
 * bytes stay.
 *
 * @returns undefined where the counts are not those of such a file, or the table does not say what they count.
 */
export function countRowStatuses(text: string, { rows, statuses, messages }: RowStatuses): string | undefined {
  const stats = parse(text)
  if (stats === undefined || !isCount(stats["count"], 0) || !isCount(stats["successes"], 0)) return undefined
  const failures = Object.keys(stats).filter((name) => name.startsWith("failed_to_"))
  if (failures.some((name) => !isCount(stats[name], 0))) return undefined
  const counted = statuses ?? (failures.every((name) => stats[name] === 0) ? new Map([["success", rows]]) : undefined)
  if (counted === undefined) return undefined
  const names = ["success", ...failures]
  if (names.reduce((sum, name) => sum + (counted.get(name) ?? 0), 0) !== rows) return undefined
  const successes = counted.get("success") ?? 0
  const edits = new Map<string, JsonEdit>([
    ["count", { kind: "set", value: rows }],
    ["successes", { kind: "set", value: successes }],
    ...failures.map((name) => [name, { kind: "set", value: counted.get(name) ?? 0 }] as const),
  ])
  const byMessage = statusesIn(stats)
  if (byMessage !== undefined) {
    const keys = Object.keys(byMessage)
    if (messages === undefined && keys.some((key) => key !== "success")) return undefined
    const members = new Map(
      keys.map((key) => [key, countEdit(key === "success" ? successes : (messages?.get(key) ?? 0))] as const),
    )
    edits.set("status_dict", { kind: "edit", members })
  }
  return editJson(text, edits)
}

function countEdit(count: number): JsonEdit {
  return count === 0 ? { kind: "drop" } : { kind: "set", value: count }
}

/** How often each error occurred; img2dataset counts `success` among them. */
function statusesIn(stats: Fields | undefined): Fields | undefined {
  const statuses = stats?.["status_dict"]
  if (typeof statuses !== "object" || statuses === null || Array.isArray(statuses)) return undefined
  return statuses as Fields
}

type Fields = Readonly<Record<string, unknown>>

function isCount(value: unknown, removed: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= removed
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}
