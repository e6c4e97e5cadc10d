import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CommitmentList, HomeView } from "@nightlight/contract/server"
import { MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { expect, it, onTestFinished } from "vitest"
import { buildApp } from "../../src/app/build-app.ts"
import { createContext } from "../../src/app/context.ts"
import { ensureServerFolder } from "../../src/platform/config/folder.ts"
import { readServerConfig } from "../../src/platform/config/read.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog } from "../support/app.ts"
import { found, type Staff } from "../support/staff.ts"

const db = useDatabase()

it("the server as it is put together shows the first administrator a home screen that says what is not there yet", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), "nl-oversight-"))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const { config, paths } = await readServerConfig((await ensureServerFolder(dir)).config)
  const log = createLog({ process: "test", destination: collectLog() })
  const clock = movingClock()
  const origins = ["http://localhost"]
  const context = await createContext({ config: { ...config, origins }, paths, database: db.app, log, clock })
  onTestFinished(() => context.close())
  const app = await buildApp(context)
  onTestFinished(() => app.close())
  const staff = { app, clock, signIn: context.signIn, origin: origins[0] } as unknown as Staff
  const { first } = await found(staff)
  const home = HomeView.parse((await first.browser.call("GET", "/v1/home")).json())
  expect(home).toMatchObject({
    due: [],
    dueMore: false,
    waiting: { alarms: { open: 0 }, approvals: { waiting: 0 }, tasks: { open: 0 } },
    commitments: { met: 0, partly: 0, notMet: 11, notApplicable: 0 },
    health: {
      server: "running",
      worker: { state: "unknown" },
      custodian: "no-key",
      lists: { state: "none" },
      guards: { state: "none" },
      filing: { environment: "test", paused: false },
      backup: { state: "unknown" },
    },
  })
  const { commitments } = CommitmentList.parse((await first.browser.call("GET", "/v1/commitments")).json())
  expect(commitments).toHaveLength(11)
})
