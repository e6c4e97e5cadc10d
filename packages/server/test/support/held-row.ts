import { Client, type PoolConfig } from "pg"
import { expect, vi } from "vitest"

/** Which row stays locked while calls start. */
export interface HeldRow {
  readonly table: string
  readonly id: string
  /** Column of the id; `id` by default. */
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
  await holder.connect()
  try {
    await holder.query("BEGIN")
    const { rowCount } = await holder.query(`SELECT 1 FROM ${table} WHERE ${column} = $1 FOR UPDATE`, [id])
    expect(rowCount).toBe(1)
    const outcomes = Promise.allSettled(calls.map((call) => call()))
    await untilWaiting(config, calls.length)
    await holder.query("COMMIT")
    return await outcomes
  } finally {
    await holder.end()
  }
}

/**
 * Waits until so many statements of a database wait for a lock.
 *
 * @param config - Connects as the server's superuser.
 */
export async function untilWaiting(config: PoolConfig, count: number): Promise<void> {
  const watcher = new Client(config)
  await watcher.connect()
  try {
    await vi.waitFor(
      async () => {
        const { rows } = await watcher.query<{ count: string }>(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        expect(Number(rows[0]?.count)).toBe(count)
      },
      { timeout: 20_000, interval: 20 },
    )
  } finally {
    await watcher.end()
  }
}
