/**
 * Counts of a shard that img2dataset keeps beside it. The file marks the shard as downloaded, so it stays.
 *
 * Source: img2dataset, `logger.py`, `write_stats`.
 * @module
 */
import { isDeepStrictEqual } from "node:util"

/** The counts' file, beside `00012.tar`. */
export function isShardStats(path: string): boolean {
  return path.endsWith("_stats.json")
}

/**
 * Lowers `count`, `successes` and the status `success` by the samples that were removed. All other bytes stay.
 *
 * @returns undefined where the counts are not those of such a file.
 */
export function updateShardStats(text: string, removed: number): string | undefined {
  const before = parse(text)
  const after = before === undefined ? undefined : lowered(before, removed)
  if (after === undefined) return undefined
  const changed = text.replace(
    /("(?:count|successes|success)"\s*:\s*)(\d+)/g,
    (_, name: string, count: string) => name + String(Number(count) - removed),
  )
  return isDeepStrictEqual(parse(changed), after) ? changed : undefined
}

type Fields = Readonly<Record<string, unknown>>

function lowered(stats: Fields, removed: number): Fields | undefined {
  const { count, successes, status_dict: statuses } = stats
  if (!isCount(count, removed) || !isCount(successes, removed)) return undefined
  const less = { ...stats, count: count - removed, successes: successes - removed }
  if (typeof statuses !== "object" || statuses === null || !("success" in statuses)) return less
  const { success } = statuses
  if (!isCount(success, removed)) return undefined
  return { ...less, status_dict: { ...statuses, success: success - removed } }
}

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
