/**
 * A worker that files whatever is due, in a process of its own, as the service's worker does. It can be told to die at
 * one point of one filing: by SIGKILL, with nothing cleaned up.
 *
 * Arguments: one JSON object, see {@link WorkerOptions}.
 */
import { systemClock } from "@nightlight/core"
import { TEST_AUTHORITY } from "@nightlight/dev-env/database/authority"
import { sealedReports } from "../../../../src/filing/reports/content/sealed.ts"
import { toFilingDeps } from "../../../../src/filing/reports/feature.ts"
import { fileReport } from "../../../../src/filing/reports/filing/file-report.ts"
import { createReports } from "../../../../src/filing/reports/service.ts"
import { dueToFile } from "../../../../src/filing/reports/store.ts"
import { openContextKeys } from "../../../../src/platform/context-keys/context-keys.ts"
import { openCustodianClient } from "../../../../src/platform/custodian/client.ts"
import type { CustodianClient } from "../../../../src/platform/custodian/port.ts"
import { openDatabase } from "../../../../src/platform/db/pool.ts"
import type { WorkerOptions } from "./options.ts"

const options = JSON.parse(process.argv[2] ?? "{}") as WorkerOptions
const { dieAt } = options
let passed = 0

/** Dies here if this is the point. */
function point(name: string): void {
  if (dieAt === undefined || dieAt.point !== name) return
  if (++passed >= dieAt.nth) process.kill(process.pid, "SIGKILL")
}

const database = openDatabase(options.database, TEST_AUTHORITY)
const db = database.kysely
const contextKeys = openContextKeys(Buffer.from(options.contextKey, "hex"))
const sealed = sealedReports(contextKeys)
const client = openCustodianClient(options.socket)

const WATCHED = ["openFiling", "upload", "describe", "finish", "retract", "abandon"] as const
const watched = Object.fromEntries(
  WATCHED.map((name) => [
    name,
    async (...args: unknown[]) => {
      point(`before-${name}`)
      const answer = await (client[name] as (...all: unknown[]) => Promise<unknown>)(...args)
      point(`after-${name}`)
      return answer
    },
  ]),
)
const custodian: CustodianClient = { ...client, ...watched }
const reports = { db, clock: systemClock, sealed, jobs: { enqueue: async () => undefined } }
const service = createReports({
  ...reports,
  drafts: { collect: () => Promise.reject(new Error("a worker drafts nothing")) },
  areIndependent: async () => true,
  includedEvidence: async () => [],
  environment: "production",
})
const deps = toFilingDeps({
  ...reports,
  reports: service,
  custodian,
  isPaused: async () => false,
  environment: "production",
  drafts: { collect: () => Promise.reject(new Error("a worker drafts nothing")) },
  areIndependent: async () => true,
  includedEvidence: async () => [],
  alarmHeld: async () => undefined,
  alarms: { raise: async () => undefined },
  approvals: { register: () => undefined, request: () => Promise.reject(new Error("a worker asks for nothing")) },
  finishedHooks: [async () => point("finishing")],
  retrySeconds: 0.02,
  leaseSeconds: 1,
})

const stop = new AbortController()
process.once("SIGTERM", () => stop.abort())
while (!stop.signal.aborted) {
  try {
    const due = await dueToFile(db, new Date(), 10)
    for (const reportId of due) await fileReport(deps, reportId, stop.signal)
    if (due.length > 0) continue
  } catch {
    // The database or the custodian is away: the next round finds what was left.
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
}
await database.close()
await client.close()
