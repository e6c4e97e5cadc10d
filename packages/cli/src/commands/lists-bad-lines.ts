/**
 * What is printed of a list file's lines that could not be read.
 * @module
 */
import type { ImportReport } from "@nightlight/dataset"
import { countOf, formatCount } from "../terminal/numbers.ts"

/** How many lines could not be read, why, and the first ten of them; nothing where all could. */
export function formatBadLines(bad: ImportReport["summary"]["bad"]): string {
  if (bad.count === 0) return ""
  return [
    `${countOf(bad.count, "hash or line", "hashes or lines")} not read, ${reasons(bad.byReason)}:\n`,
    ...bad.first.slice(0, 10).map(({ line, reason }) => `  line ${formatCount(line)}: ${reason}\n`),
    bad.count > 10 ? `  and ${formatCount(bad.count - 10)} more; --json names the first hundred.\n` : "",
  ].join("")
}

/** Reasons why lines were not read, the most frequent first. */
function reasons(byReason: ImportReport["summary"]["bad"]["byReason"]): string {
  return Object.entries(byReason)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${formatCount(count)} ${reason}`)
    .join(", ")
}
