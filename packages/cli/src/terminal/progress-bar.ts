/**
 * One line that does not scroll: progress, speed, time left, and findings.
 * @module
 */
import type { ShardsProgress } from "@nightlight/dataset"
import type { SingleBar } from "cli-progress"
import type { Io } from "./io.ts"
import { formatBytes, formatCount, formatSeconds } from "./numbers.ts"
import { createProgressLog } from "./progress-log.ts"

/** A progress line. */
export interface ProgressBar {
  /**
   * Shows the line, and updates it as the counts grow; a second call goes on with other counts. `found` puts the findings
   * so far into words.
   */
  begin(progress: Readonly<ShardsProgress>, found: () => readonly string[]): void
  close(): void
}

/** Milliseconds between two updates of the line. */
const REDRAW_MS = 200

/**
 * Opens a progress line on standard error; off a terminal a line a minute, for the log of a job. When quiet, nothing is
 * shown.
 */
export async function openProgressBar(io: Io, isQuiet: boolean): Promise<ProgressBar> {
  if (isQuiet) return { begin: () => {}, close: () => {} }
  if (!io.isTty) return createProgressLog(io)
  const bar = await createBar()
  let timer: NodeJS.Timeout | undefined
  return {
    begin: (progress, found) => {
      const startedAt = performance.now()
      clearInterval(timer)
      bar.start(Math.max(1, progress.bytesTotal), 0, { line: "" })
      timer = setInterval(() => {
        const seconds = (performance.now() - startedAt) / 1_000
        bar.update(progress.bytesDone, { line: progressLine(progress, found(), { seconds, columns: io.columns }) })
      }, REDRAW_MS)
    },
    close: () => {
      clearInterval(timer)
      if (timer !== undefined) bar.stop()
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

/** Writes the progress in less than `columns` characters; what does not fit is left out. */
export function progressLine(
  { bytesDone, bytesTotal, items }: Readonly<ShardsProgress>,
  found: readonly string[],
  { seconds, columns }: { readonly seconds: number; readonly columns: number },
): string {
  const share = bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal)
  const rate = items / Math.max(seconds, 0.001)
  const etaSeconds = share > 0.01 ? (seconds / share) * (1 - share) : undefined
  const width = 16
  const filled = Math.round(share * width)
  const parts = [
    `${formatCount(items)} items`,
    `${formatCount(rate)}/s`,
    ...(etaSeconds === undefined ? [] : [`${formatSeconds(etaSeconds)} left`]),
    ...found,
    formatBytes(bytesDone),
  ]
  let line = `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`
  for (const part of parts) if (line.length + part.length + 2 < columns) line += `  ${part}`
  return line
}
