import { Client, type PoolConfig, type QueryResultRow } from "pg"

/** Runs statements on one connection and returns the last one's rows. */
export async function queryAs<Row extends QueryResultRow>(
  config: PoolConfig,
  ...statements: readonly string[]
): Promise<Row[]> {
  const client = new Client(config)
  client.on("error", () => undefined)
  await client.connect()
  try {
    let rows: Row[] = []
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows
    return rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Options of `expect.poll` for events that are quick on an idle machine and late on a busy one. */
export const SOON = { timeout: 40_000, interval: 10 }
