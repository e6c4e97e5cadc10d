import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { expect, it } from "vitest"
import { z } from "zod"
import type { Feature } from "../../src/platform/feature.ts"
import { createLog } from "../../src/platform/log.ts"
import { migrateDatabase } from "../../src/platform/migrate.ts"
import { collectLog } from "../support/app.ts"

const db = useDatabase({ migrated: false })
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

async function namesIn(table: "queue" | "schedule"): Promise<string[]> {
  const { rows } = await db.database.pool.query<{ name: string }>(`SELECT name FROM pgboss.${table} ORDER BY name`)
  return rows.map(({ name }) => name).filter((name) => !name.startsWith("__"))
}

it("an upgrade makes the queues of jobs that are new, and removes the schedules of jobs that are gone", async () => {
  await migrateDatabase(db.owner, [feature("one", "two")], log)
  await migrateDatabase(db.owner, [feature("two", "three")], log)
  expect(await namesIn("queue")).toEqual(["jobs-failed", "one", "three", "two"])
  expect(await namesIn("schedule")).toEqual(["three", "two"])
})
