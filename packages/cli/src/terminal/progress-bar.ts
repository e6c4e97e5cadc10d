/**
 * One line that does not scroll: how far, how fast, how long yet, and what was found.
 * @module
 */
import type { ScanProgress, ScanWatcher } from "@nightlight/dataset"
import type { SingleBar } from "cli-progress"
import type { Io } from "./io.ts"
import { countOf, formatBytes, formatCount, formatSeconds } from "./numbers.ts"

/** A progress line and the watcher that moves it. */
export interface ProgressBar {
  readonly watcher: ScanWatcher
  close(): void
}

/** How often the line is drawn anew, milliseconds. */
const REDRAW_MS = 200

/** Opens the progress line; off a terminal, or when quiet, only shards that failed are told. */
export async function openProgressBar(io: Io, isQuiet: boolean): Promise<ProgressBar> {
  let startedAt = 0
  let progress: ScanProgress | undefined
  const bar = isQuiet || !io.isTty ? undefined : await createBar()
  const draw = () => {
    if (progress === undefined) return
    bar?.update(progress.bytesDone, {
      line: progressLine(progress, (performance.now() - startedAt) / 1_000, io.columns),
    })
  }
  let timer: NodeJS.Timeout | undefined
  return {
    watcher: {
      onPlan: (plan, continued, counts) => {
        progress = counts
        startedAt = performance.now()
        if (isQuiet) return
        const done = continued === 0 ? "" : `, ${formatCount(continued)} already done`
        io.err(`Screening ${countOf(plan.shards.length, "shard")}${done}\n`)
        if (bar === undefined) return
        bar.start(Math.max(1, counts.bytesTotal), 0, { line: "" })
        timer = setInterval(draw, REDRAW_MS)
      },
      onShardFailed: ({ path, message, hint }) => io.err(`\n${path}: ${message}\n  ${hint}\n`),
    },
    close: () => {
      clearInterval(timer)
      if (timer !== undefined) bar?.stop()
    },
  }
}

async function createBar(): Promise<SingleBar> {
  const progress = await import("cli-progress")
  return new progress.SingleBar({
    format: "{line}",
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    gracefulExit: false,
  })
}

/** Writes where a scan stands in at most `columns` characters. */
export function progressLine(progress: ScanProgress, seconds: number, columns: number): string {
  const { bytesDone, bytesTotal, items, matched, inconclusive } = progress
  const share = bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal)
  const rate = items / Math.max(seconds, 0.001)
  const etaSeconds = share > 0.01 ? (seconds / share) * (1 - share) : undefined
  const width = 16
  const filled = Math.round(share * width)
  const parts = [
    `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`,
    `${formatCount(items)} items`,
    `${formatCount(rate)}/s`,
    `${formatBytes(bytesDone)}`,
    ...(etaSeconds === undefined ? [] : [`${formatSeconds(etaSeconds)} left`]),
    `${formatCount(matched)} matched`,
    ...(inconclusive === 0 ? [] : [`${formatCount(inconclusive)} unclear`]),
  ]
  let line = parts[0] ?? ""
  for (const part of parts.slice(1)) if (line.length + part.length + 2 < columns) line += `  ${part}`
  return line
}
