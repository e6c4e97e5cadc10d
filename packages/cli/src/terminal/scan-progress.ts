import type { ScanWatcher } from "@nightlight/dataset"
import type { Io } from "./io.ts"
import { countOf, formatCount } from "./numbers.ts"
import { openProgressBar } from "./progress-bar.ts"

/** Reports a scan's progress to a person, until it is closed. */
export interface ScanProgressDisplay {
  readonly watcher: ScanWatcher
  close(): void
}

/** Reports a scan on standard error: its work, its progress, and failed shards. */
export async function openScanProgress(io: Io, isQuiet: boolean): Promise<ScanProgressDisplay> {
  const bar = await openProgressBar(io, isQuiet)
  return {
    watcher: {
      onPlan: (plan, continued, progress) => {
        if (isQuiet) return
        const done = continued === 0 ? "" : `, ${formatCount(continued)} already done`
        io.err(`Screening ${countOf(plan.shards.length, "shard")}${done}\n`)
        bar.begin(progress, () => [
          `${formatCount(progress.matched)} matched`,
          ...(progress.inconclusive === 0 ? [] : [`${formatCount(progress.inconclusive)} unclear`]),
        ])
      },
      onShardFailed: ({ path, message, hint }) => io.err(`\n${path}: ${message}\n  ${hint}\n`),
    },
    close: () => bar.close(),
  }
}
