import { randomBytes, randomUUID } from "node:crypto"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createPersonKey, proveGrant } from "@nightlight/contract/custodian"
import { compact, MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, settle } from "@nightlight/dev-env/server/cases"
import { toKeyedDigest } from "@nightlight/vault"
import { expect, it, onTestFinished } from "vitest"
import { createFeatures } from "../../../src/app/features.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { parseServerConfig } from "../../../src/platform/config/read.ts"
import { fixedKeyRing } from "../../../src/platform/context-keys/key-ring.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import type { Feature } from "../../../src/platform/feature.ts"
import { createLog } from "../../../src/platform/log.ts"
import type { Shared } from "../../../src/platform/shared.ts"
import { anItem } from "../../casework/cases/builders.ts"
import { testApp } from "../../support/app.ts"
import { putOnStaff } from "../../support/staff-rows.ts"

const db = useDatabase()
const SOURCES = join(import.meta.dirname, "../../../src")
const CONFIG = `
version: 1
organisation:
  company: Example Lab
  contact: { firstName: Trust, lastName: Desk, email: safety@example.org }
`

/** The service's parts, with or without filing by policy. */
async function makeServer(...optional: readonly [] | readonly [object]) {
  const dir = await mkdtemp(join(tmpdir(), "nl-optional-"))
  const harness = createHarness(db)
  const queued: string[] = []
  const shared = {
    db: harness.db,
    database: db.database,
    clock: harness.clock,
    contextKeys: harness.contextKeys,
    digests: toKeyedDigest(randomBytes(32)),
    custodian: openCustodianClient(join(dir, "nobody.sock")),
    jobs: { enqueue: async (_trx: unknown, name: string) => void queued.push(name) },
    config: parseServerConfig(CONFIG),
    paths: { workspace: dir, data: dir },
    origins: ["http://localhost"],
    log: createLog({ process: "test", level: "silent" }),
    installationKeys: fixedKeyRing([randomBytes(32)]),
    providers: [],
  } as unknown as Shared
  const made = createFeatures(shared, undefined, ...optional)
  onTestFinished(async () => {
    await made.close()
    await rm(dir, { recursive: true })
  })
  return { harness, queued, features: made.features }
}

const namesOf = (features: readonly Feature[]) => features.map(({ name }) => name)
const jobsOf = (features: readonly Feature[]) => features.flatMap(({ jobs = [] }) => jobs.map(({ name }) => name))

async function anEmployee(harness: ReturnType<typeof createHarness>, role: "reporter" | "counsel") {
  const person: PersonActor = { ...aPerson(role), steppedUpUntil: new Date(harness.clock.now().getTime() + MINUTE_MS) }
  await putOnStaff(harness.db, {
    id: person.id,
    email: `${randomUUID()}@example.org`,
    roles: [role],
    at: harness.clock.now(),
  })
  return person
}

it("builds the server without automatic filing, and two people file a report", async () => {
  const whole = await makeServer()
  const { harness, queued, features } = await makeServer({})
  expect(namesOf(whole.features)).toEqual(expect.arrayContaining([...namesOf(features), "automation"]))
  expect(namesOf(features)).not.toContain("automation")
  expect(jobsOf(features)).not.toContain("file-automatically")

  const { caseId } = await harness.attach(anItem())
  await decide(harness, aPerson("reviewer"), caseId)
  await settle(harness, caseId)
  const people = new Map<string, PersonActor>()
  const app = await testApp({ authenticate: async ({ headers }) => people.get(String(headers["x-person"])), features })
  onTestFinished(() => app.close())
  const call = async (person: PersonActor, method: "GET" | "POST", url: string, payload?: object) => {
    people.set(person.id, person)
    const headers = { host: "localhost", "x-person": person.id }
    return app.inject(compact({ method, url, headers, payload }))
  }
  const preparer = await anEmployee(harness, "reporter")
  const approver = await anEmployee(harness, "counsel")
  const prove = async (grant: Parameters<typeof proveGrant>[0], { id }: PersonActor) =>
    proveGrant(grant, id, (await createPersonKey()).privateKey)

  expect((await call(approver, "GET", "/v1/automation")).statusCode).toBe(404)
  const report = (await call(preparer, "POST", `/v1/cases/${caseId}/reports`, {})).json()
  const url = `/v1/reports/${report.id}`
  const made = (await call(preparer, "POST", `${url}/grant`, { version: report.version })).json()
  const proposed = await call(preparer, "POST", `${url}/propose`, {
    version: made.report.version,
    proof: await prove(made.grant, preparer),
  })
  const approved = await call(approver, "POST", `${url}/approve`, {
    version: proposed.json().version,
    proof: await prove(made.grant, approver),
  })
  expect(approved.json()).toMatchObject({ state: "approved", approvedBy: approver.id })
  expect(queued).toContain("file-report")
  expect(jobsOf(features)).toContain("file-report")
})

it("keeps automatic filing in one folder that only one file of the server imports", async () => {
  const files = (await readdir(SOURCES, { recursive: true })).filter((name) => name.endsWith(".ts"))
  const naming: string[] = []
  for (const name of files) {
    if (name.startsWith("filing/automatic/")) continue
    if (/from "[^"]*\/automatic\/[^"]*"/.test(await readFile(join(SOURCES, name), "utf8"))) naming.push(name)
  }
  expect(naming).toEqual(["app/features.ts"])
})
