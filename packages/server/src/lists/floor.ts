import { type ChangeDeps, change } from "../events/change.ts"

/** Remembers the newest index that was ever live, beyond the life of a process: an older one must not come back. */
export interface IndexFloor {
  /** The newest version that was ever live; 0 where none was. */
  read(): Promise<number>
  /**
   * Records that a version is live now. Repeating it changes nothing.
   *
   * @param screens - Whether a list other than test cards is in it.
   */
  raise(version: number, screens: boolean): Promise<void>
}

/** Keeps the floor in the database, with an event for each index that goes live. */
export function createIndexFloor(deps: ChangeDeps): IndexFloor {
  return {
    read: async () => {
      const row = await deps.db
        .selectFrom("live_indexes")
        .select(({ fn }) => fn.max("version").as("version"))
        .executeTakeFirst()
      return row?.version ?? 0
    },
    raise: (version, screens) =>
      change(deps, "system-lists", async ({ trx, record }) => {
        const added = await trx
          .insertInto("live_indexes")
          .values({ version, live_at: deps.clock.now() })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if ((added.numInsertedOrUpdatedRows ?? 0n) === 0n) return
        record({ type: "lists.index-live", subject: `index-${version}`, data: { version, screens } })
      }),
  }
}
