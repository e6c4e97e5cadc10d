import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, describe, expect, it } from "vitest"
import { z } from "zod"
import { migrate } from "../../src/platform/db/migrate.ts"
import { MIGRATIONS_DIR } from "../../src/platform/db/migration-files.ts"
import type { Tables } from "../../src/platform/db/tables.ts"
import type { Feature } from "../../src/platform/feature.ts"
import { createLog } from "../../src/platform/log.ts"
import { migrateDatabase } from "../../src/platform/migrate.ts"
import { collectLog } from "../support/app.ts"

const home = await mkdtemp(join(tmpdir(), "nightlight-upgrade-"))
afterAll(() => rm(home, { recursive: true, force: true }))
const log = createLog({ process: "test", destination: collectLog() })

const feature = (...names: string[]): Feature => ({
  name: "test",
  jobs: names.map((name) => ({
    name,
    payload: z.strictObject({}),
    tries: 1,
    retryDelaySeconds: 1,
    expireSeconds: 60,
    schedule: "0 0 * * *",
    run: async () => undefined,
  })),
})

/** A folder with the first files alone: an older version's. */
async function olderVersion(count: number): Promise<string> {
  const dir = await mkdtemp(join(home, "migrations-"))
  const files = (await readdir(MIGRATIONS_DIR)).filter((name) => name.endsWith(".sql")).toSorted()
  for (const file of files.slice(0, count)) await copyFile(join(MIGRATIONS_DIR, file), join(dir, file))
  return dir
}

const COLUMNS = `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
  WHERE table_schema = 'public' ORDER BY table_name, column_name`
const GRANTS = `SELECT table_name, privilege_type FROM information_schema.role_table_grants
  WHERE grantee = 'nightlight_app' AND table_schema = 'public' ORDER BY table_name, privilege_type`

async function shape(made: Awaited<ReturnType<typeof createDatabase<Tables>>>) {
  const { rows: columns } = await made.database.pool.query(COLUMNS)
  const { rows: grants } = await made.database.pool.query(GRANTS)
  return { columns: columns as object[], grants: grants as object[] }
}

async function shapeOfNew() {
  const fresh = await createDatabase({ migrated: false })
  try {
    await migrateDatabase(fresh.owner, [feature("one", "two")], log)
    return await shape(fresh)
  } finally {
    await fresh.drop()
  }
}

describe("an upgrade", () => {
  it("from a database that holds nothing yet gives the same as a new one", { timeout: 120_000 }, async () => {
    const made = await createDatabase({ migrated: false })
    try {
      await migrate(made.owner as never, { dir: await olderVersion(20) })
      await migrateDatabase(made.owner, [feature("one", "two")], log)
      const after = await shape(made)
      expect(after).toEqual(await shapeOfNew())
      expect(after.columns.length).toBeGreaterThan(20)
    } finally {
      await made.drop()
    }
  })

  it("from a database whose rows nobody vouches for is refused, and leaves it as it is", async () => {
    const made = await createDatabase({ migrated: false })
    try {
      await migrate(made.owner as never, { dir: await olderVersion(20) })
      const before = await shape(made)
      await made.database.pool.query(`INSERT INTO people (id, name, email, made_at, made_by)
        VALUES ('person-1', 'Ada', 'ada@example.org', now(), 'system-setup')`)
      await expect(migrateDatabase(made.owner, [], log)).rejects.toMatchObject({ code: "state_conflict" })
      const { columns } = await shape(made)
      expect(columns).toEqual(expect.arrayContaining(before.columns))
      expect(columns).not.toContainEqual(expect.objectContaining({ table_name: "sessions", column_name: "mac" }))
    } finally {
      await made.drop()
    }
  })

  it("brings jobs that are new, and takes schedules of jobs that are gone", { timeout: 120_000 }, async () => {
    const made = await createDatabase({ migrated: false })
    try {
      await migrateDatabase(made.owner, [feature("one", "two")], log)
      await migrateDatabase(made.owner, [feature("two", "three")], log)
      const names = async (from: string) => {
        const { rows } = await made.database.pool.query<{ name: string }>(
          `SELECT name FROM pgboss.${from} ORDER BY name`,
        )
        return rows.map(({ name }) => name).filter((name) => !name.startsWith("__"))
      }
      expect(await names("queue")).toEqual(["jobs-failed", "one", "three", "two"])
      expect(await names("schedule")).toEqual(["three", "two"])
    } finally {
      await made.drop()
    }
  })
})
