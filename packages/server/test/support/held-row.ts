import { Client, type PoolConfig } from "pg"
import { expect, vi } from "vitest"

/** Which row stays locked while calls start. */
export interface HeldRow {
  readonly table: string
  readonly id: string
  /** What the id stands in; `id` unless given. */
  readonly column?: string
}

/**
 * Starts calls while a row is locked, waits until all of them wait for it, and lets go: whatever they read before is
 * then as old as it can be.
 *
 * @param config - Connects as the server's superuser.
 * @returns What came of each call.
 */
export async function whileHeld<Result>(
  config: PoolConfig,
  { table, id, column = "id" }: HeldRow,
  calls: readonly (() => Promise<Result>)[],
): Promise<PromiseSettledResult<Result>[]> {
  const holder = new Client(config)
  const watcher = new Client(config)
  await holder.connect()
  await watcher.connect()
  try {
    await holder.query("BEGIN")
    const { rowCount } = await holder.query(`SELECT 1 FROM ${table} WHERE ${column} = $1 FOR UPDATE`, [id])
    expect(rowCount).toBe(1)
    const outcomes = Promise.allSettled(calls.map((call) => call()))
    await vi.waitFor(
      async () => {
        const { rows } = await watcher.query<{ count: string }>(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        expect(Number(rows[0]?.count)).toBe(calls.length)
      },
      { timeout: 20_000, interval: 20 },
    )
    await holder.query("COMMIT")
    return await outcomes
  } finally {
    await holder.end()
    await watcher.end()
  }
}
