import { Client } from "pg"

/** Somebody who owns the database server: no trigger, grant or foreign key holds them. They have no key. */
export interface Superuser {
  readonly run: (sql: string, ...values: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
}

/** Does something as that somebody. */
export async function asSuperuser<Result>(
  made: { readonly superuser: object },
  act: (superuser: Superuser) => Promise<Result>,
): Promise<Result> {
  const client = new Client(made.superuser as never)
  await client.connect()
  try {
    await client.query("SET session_replication_role = replica")
    return await act({ run: async (sql, ...values) => (await client.query(sql, [...values])).rows })
  } finally {
    await client.end()
  }
}
