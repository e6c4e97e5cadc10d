import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { sql } from "kysely"
import { describe, expect, it } from "vitest"

describe("a test file's database", () => {
  const db = useDatabase()

  it("is open as the service's role, with the schema in place", async () => {
    const { rows } = await sql<{ who: string; migrations: number }>`
      SELECT current_user AS who, (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS migrations
    `.execute(db.database.kysely)
    expect(rows[0]?.who).toBe("nightlight_app")
    expect(rows[0]?.migrations).toBeGreaterThan(1)
  })
})

describe("two databases", () => {
  const one = useDatabase()
  const other = useDatabase({ migrated: false })

  it("are apart from each other", async () => {
    expect(one.name).not.toBe(other.name)
    const { rows } = await sql`SELECT FROM pg_tables WHERE schemaname = 'public'`.execute(other.database.kysely)
    expect(rows).toEqual([])
  })
})
