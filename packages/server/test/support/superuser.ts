import { Client } from "pg"

/** Somebody who owns the database server: no trigger, grant or foreign key holds them. They have no key. */
export interface Superuser {
  readonly run: (sql: string, ...values: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
}

/** Does something as that somebody. */
export async function asSuperuser<Result>(
  made: { readonly superuser: object },
  approval: (superuser: Superuser) => Promise<Result>,
): Promise<Result> {
  const client = new Client(made.superuser as never)
  await client.connect()
  try {
    await client.query("SET session_replication_role = replica")
    return await approval({ run: async (sql, ...values) => (await client.query(sql, [...values])).rows })
  } finally {
    await client.end()
  }
}

type Made = { readonly superuser: object }

/** Changes tables and, after calling `check`, restores them. */
export async function whileTablesChanged(
  made: Made,
  tables: readonly string[],
  { change, check }: { readonly change: () => Promise<unknown>; readonly check: () => Promise<void> },
): Promise<void> {
  const rowsOf = (table: string) => asSuperuser(made, ({ run }) => run(`SELECT * FROM ${table}`))
  const kept = new Map<string, readonly unknown[]>()
  for (const table of tables) kept.set(table, await rowsOf(table))
  await change()
  try {
    await check()
  } finally {
    for (const [table, rows] of kept) {
      await asSuperuser(made, ({ run }) => run(`DELETE FROM ${table}`))
      for (const row of rows) await putRowBack(made, table, row)
    }
  }
}

/** Puts a row back that was read before, bytes and all. */
export async function putRowBack(made: Made, table: string, row: unknown): Promise<void> {
  const text = JSON.stringify(row, (_, value: unknown) =>
    typeof value === "object" && value !== null && (value as { type?: string }).type === "Buffer"
      ? `\\x${Buffer.from((value as unknown as { data: number[] }).data).toString("hex")}`
      : value,
  )
  const sql = `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_record(NULL::${table}, $1)`
  await asSuperuser(made, ({ run }) => run(sql, text))
}
