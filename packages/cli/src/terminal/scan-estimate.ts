/**
 * What a scan is expected to take, for a terminal.
 * @module
 */
import type { ScanEstimate } from "@nightlight/dataset/scan"
import { countOf, formatBytes, formatCount, formatSeconds } from "./numbers.ts"
import { formatTable } from "./table.ts"

/** Cores for which the time is shown beside this machine's. */
const CORES = [16, 64, 256, 1_024]

/** Writes an estimate, with the arithmetic shown. */
export function formatEstimate(estimate: ScanEstimate, cost: number | undefined): string {
  const { shards, bytes, items, itemsPerSecondAndCore, coreHours, sample } = estimate
  const cores = [sample.cores, ...CORES.filter((each) => each > sample.cores)]
  return [
    `Sample    ${countOf(sample.items, "item")}, ${formatBytes(sample.bytes)}, from ${countOf(sample.shards, "shard")} in ${formatSeconds(sample.seconds)} on ${countOf(sample.cores, "core")}\n`,
    `Rate      ${formatCount(itemsPerSecondAndCore)} items a second and core\n`,
    `Dataset   ${countOf(shards, "shard")}, ${formatBytes(bytes)}: about ${countOf(items, "item")} if the rest is like the sample\n`,
    `Work      ${formatCount(items)} / ${formatCount(itemsPerSecondAndCore)} / 3600 = ${hours(coreHours)} core-hours, without writing a clean copy\n`,
    cost === undefined ? "" : `Cost      ${cost.toFixed(2)} at the price given for a core-hour\n`,
    "\n",
    formatTable(
      [{ heading: "Cores", numeric: true }, { heading: "Time" }],
      cores.map((each) => [formatCount(each), formatSeconds((coreHours * 3_600) / each)]),
    ),
    `\nThe work shared evenly, without starts. A shard is one task's: at most ${countOf(shards, "task")} can share it.\n`,
  ].join("")
}

function hours(value: number): string {
  return value < 10 ? value.toFixed(2) : formatCount(Math.round(value))
}
