import { inert } from "@nightlight/core"
import type { ScanWatcher } from "@nightlight/dataset"
import type { Io } from "./io.ts"
import { countOf, formatCount } from "./numbers.ts"
import { openProgressBar } from "./progress-bar.ts"

/** Reports a scan's progress to a person, until it is closed. */
export interface ScanProgressDisplay {
  readonly watcher: ScanWatcher
  close(): void
}

/** Failed shards that are named while the scan runs. */
const MAX_FAILURES = 20

/**
 * Says how many of a scan's shards a run screens.
 *
 * @param all - the shards of its plan.
 * @param before - those with a result of an earlier run.
 * @param now - those that this run takes.
 */
export function formatWork(all: number, before: number, now: number): string {
  const shards = countOf(all, "shard")
  if (all === 0) return "There is nothing to screen"
  if (before === all) return all === 1 ? `${shards} was screened before` : `All ${shards} were screened before`
  const others = all - before - now
  const parts = [
    ...(before > 0 ? [`${formatCount(before)} ${before === 1 ? "was" : "were"} screened before`] : []),
    ...(others > 0 ? [`${formatCount(others)} ${others === 1 ? "is" : "are"} not part of this run`] : []),
  ]
  return [`Screening ${now === all ? "" : `${formatCount(now)} of `}${shards}`, ...parts].join("; ")
}

/** Reports a scan on standard error: its work, its progress, and failed shards. */
export async function openScanProgress(io: Io, isQuiet: boolean): Promise<ScanProgressDisplay> {
  const bar = await openProgressBar(io, isQuiet)
  let failures = 0
  return {
    watcher: {
      onPlan: (plan, continued, progress) => {
        if (isQuiet) return
        io.err(`${formatWork(plan.shards.length, continued, progress.shardsTotal)}\n`)
        bar.begin(progress, () => [
          `${formatCount(progress.matched)} matched`,
          ...(progress.inconclusive === 0 ? [] : [`${formatCount(progress.inconclusive)} unclear`]),
        ])
      },
      onShardFailed: ({ path, message, hint }) => {
        if (++failures <= MAX_FAILURES) io.err(`\n${inert(path)}: ${message}\n  ${hint}\n`)
      },
    },
    close: () => {
      bar.close()
      const more = failures - MAX_FAILURES
      if (more > 0) io.err(`\nand ${countOf(more, "more shard")} failed; the report names them\n`)
    },
  }
}
