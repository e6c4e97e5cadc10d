/**
 * Progress off a terminal: a line a minute, so that the log of a job shows that it moves and how long it will take.
 * @module
 */
import { MINUTE_MS } from "@nightlight/core"
import type { ShardsProgress } from "@nightlight/dataset"
import type { Io } from "./io.ts"
import { countOf, formatCount, formatSeconds } from "./numbers.ts"
import type { ProgressBar } from "./progress-bar.ts"

/** The time, and a timer that does not keep the process running. */
export interface ProgressTimer {
  /** Milliseconds since some moment. */
  now(): number
  /** Calls `action` at an interval until the returned function is called. */
  every(intervalMs: number, action: () => void): () => void
}

const processTimer: ProgressTimer = {
  now: () => performance.now(),
  every: (intervalMs, action) => {
    const timer = setInterval(action, intervalMs)
    timer.unref()
    return () => clearInterval(timer)
  },
}

/** Makes a progress log on standard error. */
export function createProgressLog(io: Pick<Io, "err">, timer: ProgressTimer = processTimer): ProgressBar {
  let stop = () => {}
  return {
    begin: (progress, found) => {
      const startedAt = timer.now()
      stop()
      stop = timer.every(MINUTE_MS, () => {
        io.err(`${logLine(progress, found(), (timer.now() - startedAt) / 1_000)}\n`)
      })
    },
    close: () => stop(),
  }
}

function logLine(
  { shardsDone, shardsTotal, bytesDone, bytesTotal, items }: Readonly<ShardsProgress>,
  found: readonly string[],
  seconds: number,
): string {
  const share = bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal)
  const left = share > 0 ? [`${formatSeconds((seconds / share) * (1 - share))} left`] : []
  return [
    `${formatCount(shardsDone)} of ${countOf(shardsTotal, "shard")} (${Math.floor(share * 100)} %)`,
    countOf(items, "item"),
    `${formatCount(items / Math.max(seconds, 0.001))}/s`,
    ...left,
    ...found,
  ].join(", ")
}
