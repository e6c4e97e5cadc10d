import { readFile } from "node:fs/promises"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, TestClock } from "@nightlight/dev-env/server/cases"
import { expect, it } from "vitest"
import type { FilingHold } from "../../src/oversight/operations/filing-gate.ts"
import { operationRoutes } from "../../src/oversight/operations/routes.ts"
import { createTasks } from "../../src/oversight/operations/tasks.ts"
import { testApp } from "../support/app.ts"

const db = useDatabase()

it("whoever runs the installation learns its version, and why nothing is filed", async () => {
  let why: FilingHold | undefined
  const tasks = createTasks({ db: db.database.kysely, clock: new TestClock() })
  const app = await testApp({
    authenticate: async () => aPerson("administrator"),
    routes: (on) => operationRoutes(on, { tasks, gate: async () => why }),
  })
  const state = async () => (await app.inject({ url: "/v1/operations/state", headers: { host: "localhost" } })).json()
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8")
  const { version } = JSON.parse(manifest) as { readonly version: string }
  expect(await state()).toEqual({ version, filingPaused: false })
  why = "restored"
  expect(await state()).toEqual({ version, filingPaused: true, why: "restored" })
  await app.close()
})
