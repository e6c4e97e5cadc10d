import { insertSealedOnce, readOneSealed } from "../../platform/authority/sealed-rows.ts"
import { readEvents } from "../../platform/events/read.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"

/** Remembers the newest index that was ever live, across processes: an older one must not come back. */
export interface IndexFloor {
  /** The newest version that was ever live; 0 if there was none. */
  read(): Promise<number>
  /**
   * Records that a version is live now. Repeating it changes nothing.
   *
   * @param screens - Whether it contains a list other than test cards.
   */
  raise(version: number, screens: boolean): Promise<void>
}

const INDEX_LIVE = "lists.index-live"

/** Keeps the floor in the database, with an event for each index that goes live. */
export function createIndexFloor(deps: TransactDeps): IndexFloor {
  return {
    read: async () => {
      const row = await readOneSealed(deps.db, "live_indexes", (all) => all.orderBy("version", "desc").limit(1))
      // If the row was deleted, the log still has it.
      const [last] = await readEvents(deps.db, { type: INDEX_LIVE, order: "newest", limit: 1 })
      return Math.max(row?.version ?? 0, Number(last?.data["version"] ?? 0))
    },
    raise: (version, screens) =>
      transact(deps, "system-lists", async ({ trx, record }) => {
        if ((await insertSealedOnce(trx, "live_indexes", { version, live_at: deps.clock.now() })) === 0) return
        record({ type: INDEX_LIVE, subject: `index-${version}`, data: { version, screens } })
      }),
  }
}
