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

/** Reports a scan on standard error: its work, its progress, and failed shards. */
export async function openScanProgress(io: Io, isQuiet: boolean): Promise<ScanProgressDisplay> {
  const bar = await openProgressBar(io, isQuiet)
  let failures = 0
  return {
    watcher: {
      onPlan: (plan, continued, progress) => {
        if (isQuiet) return
        const done = continued === 0 ? "" : `, ${formatCount(continued)} already done`
        const isAll = continued + progress.shardsTotal === plan.shards.length
        const now = isAll ? "" : `, ${formatCount(progress.shardsTotal)} of them now`
        io.err(`Screening ${countOf(plan.shards.length, "shard")}${done}${now}\n`)
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
