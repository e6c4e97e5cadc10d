import type { ScanWatcher } from "@nightlight/dataset"
import type { Io } from "./io.ts"
import { countOf, formatCount } from "./numbers.ts"
import { openProgressBar } from "./progress-bar.ts"

/** Who watches a scan for a person, until it is closed. */
export interface ScanTeller {
  readonly watcher: ScanWatcher
  close(): void
}

/** Tells of a scan on standard error: what it has to do, where it stands, and which shards failed. */
export async function openScanTeller(io: Io, isQuiet: boolean): Promise<ScanTeller> {
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
