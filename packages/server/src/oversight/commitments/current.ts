/**
 * The conditions of the registry, read from the features that know them.
 * @module
 */
import { type Clock, DATASET_LISTS_DAYS, DATASET_SCAN_DAYS, DAY_MS } from "@nightlight/core"
import type { CasesService } from "../../casework/cases/service.ts"
import type { Guards } from "../../intake/guards/types.ts"
import type { LiveIndexState } from "../../intake/lists/live-index.ts"
import type { NewestScan } from "../../intake/scans/types.ts"
import { allConditionsMet, type Conditions } from "./conditions.ts"

/** Dependencies of {@link currentConditions}. */
export interface ConditionPorts {
  readonly clock: Clock
  readonly cases: Pick<CasesService, "counts">
  readonly guards: Pick<Guards, "list">
  /** State of the live index, after checking for a newer one. */
  readonly lists: () => Promise<LiveIndexState>
  /** The newest scan of each dataset of sources that are not revoked. */
  readonly newestScans: () => Promise<readonly NewestScan[]>
}

const SELF = { kind: "system", id: "system-commitments" } as const

/** Creates the conditions, each evaluated when it is called. */
export function currentConditions({ clock, cases, guards, lists, newestScans }: ConditionPorts): Conditions {
  return {
    "every-dataset-scanned": async () => {
      const scans = await newestScans()
      const now = clock.now()
      return allConditionsMet(
        scans.map((scan) => ({ meets: isCovered(scan, now) })),
        newestOf(scans.map(({ finishedAt }) => finishedAt)),
      )
    },
    "guards-report": async () => {
      const { sources } = await guards.list(SELF)
      const due = sources.flatMap((source) => source.guards).filter(({ state }) => state !== "stopped")
      return allConditionsMet(
        due.map(({ state, ready, lists: { screens } }) => ({ meets: state !== "late" && ready && screens })),
        newestOf(due.map(({ lastSeenAt }) => new Date(lastSeenAt))),
      )
    },
    "lists-live": async () => {
      const { screens, fault } = await lists()
      return { holds: screens && fault === undefined, at: clock.now() }
    },
    "nothing-overdue": async () => {
      const { overdue } = await cases.counts(SELF.id)
      return { holds: overdue === 0, share: { met: 0, of: overdue }, at: clock.now() }
    },
  }
}

/** Whether the newest scan of a dataset is still valid for it. */
function isCovered({ state, screened, demo, finishedAt, newerListsSince }: NewestScan, now: Date): boolean {
  if (state !== "complete" || !screened || demo) return false
  if (now.getTime() - finishedAt.getTime() > DATASET_SCAN_DAYS * DAY_MS) return false
  return newerListsSince === undefined || now.getTime() - newerListsSince.getTime() <= DATASET_LISTS_DAYS * DAY_MS
}

function newestOf(times: readonly Date[]): Date | undefined {
  return times.toSorted((a, b) => b.getTime() - a.getTime())[0]
}
