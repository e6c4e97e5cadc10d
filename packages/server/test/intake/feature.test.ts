import { randomBytes, randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { importRecords } from "@nightlight/dev-env/dataset/workspaces"
import { createHarness } from "@nightlight/dev-env/server/cases"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { testCardPng } from "@nightlight/screening"
import { generateIdentity, recipientOf, toKeyedDigest } from "@nightlight/vault"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { initWorkspace } from "../../../dataset/src/workspace/init.ts"
import { openWorkspace } from "../../../dataset/src/workspace/open.ts"
import { buildApp } from "../../src/app/build-app.ts"
import { createIncoming, type Incoming } from "../../src/intake/feature.ts"
import { createSources } from "../../src/intake/sources/service.ts"
import type { Actor } from "../../src/platform/auth/actor.ts"
import { openContextKeys } from "../../src/platform/context-keys/context-keys.ts"
import { openCustodianClient } from "../../src/platform/custodian/client.ts"
import { createLog } from "../../src/platform/log.ts"
import type { Shared } from "../../src/platform/shared.ts"
import { aRecord } from "../support/list-folder.ts"
import { openStaff } from "../support/staff.ts"

const db = useDatabase()
const clock = movingClock()
const queued: string[] = []
let dir: string
let incoming: Incoming
let app: Awaited<ReturnType<typeof buildApp>>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "nl-intake-"))
  const { kysely } = db.database
  const shared = {
    db: kysely,
    clock,
    contextKeys: openContextKeys(randomBytes(32)),
    digests: toKeyedDigest(randomBytes(32)),
    custodian: openCustodianClient(join(dir, "nobody.sock")),
    jobs: { enqueue: async (_trx: unknown, name: string) => void queued.push(name) },
    paths: { workspace: dir },
    config: {
      screen: { concurrency: 64 },
      decoder: { withoutIsolation: "refuse" },
      reports: { environment: "test" },
    },
  } as unknown as Shared
  incoming = createIncoming(shared, {
    staff: await openStaff(db.database),
    casework: createHarness(db),
    sources: createSources({ db: kysely, clock }),
    onVerified: async () => undefined,
  })
  const service: Actor = {
    kind: "service",
    id: `key-${randomUUID()}`,
    scopes: new Set(["screen"]),
    source: undefined,
    callsPerMinute: 1_200,
  }
  app = await buildApp({
    origins: ["http://localhost"],
    log: createLog({ process: "test", level: "silent" }),
    authenticate: async () => service,
    features: incoming.features,
  })
})
afterAll(async () => {
  await app?.close()
  await incoming?.close()
  await rm(dir, { recursive: true, force: true })
})

const screen = async (payload: object) => {
  const answer = await app.inject({ method: "POST", url: "/v1/screen", headers: { host: "localhost" }, payload })
  return [answer.statusCode, answer.json().type ?? answer.json().decision]
}
const none = new AbortController().signal

describe("intake over a data folder", () => {
  it("answers 503 without a workspace, and works as soon as one is made, without a restart", async () => {
    const known = { kind: "hash", sha256: aRecord(1).hash }
    expect(await screen(known)).toEqual([503, "unavailable"])
    const sweep = incoming.features
      .flatMap(({ jobs = [] }) => jobs)
      .find(({ name }) => name === "verify-waiting-findings")
    await sweep?.run({}, none)

    await initWorkspace(dir, {
      custody: "locate",
      basis: null,
      custodians: [await recipientOf(await generateIdentity())],
      recovery: await recipientOf(await generateIdentity()),
    })
    expect(await screen(known)).toEqual([200, "unscreened"])
    await importRecords(await openWorkspace(dir), [aRecord(1)])
    clock.move(1000)
    await incoming.index.refresh()
    expect(await screen(known)).toEqual([200, "review"])
    const card = Buffer.from(testCardPng(0)).toString("base64")
    expect(await screen({ kind: "image", base64: card })).toEqual([200, "quarantine"])
    expect(queued).toEqual(["verify-finding"])
    await sweep?.run({}, none)
    expect(incoming.index.state()).toMatchObject({ screens: true })
  })

  it("names its jobs and measures once each", async () => {
    const names = incoming.features.flatMap(({ jobs = [] }) => jobs).map(({ name }) => name)
    expect(names.toSorted()).toEqual([
      "forget-answers",
      "ingest-policy-file",
      "try-policy",
      "verify-finding",
      "verify-waiting-findings",
    ])
    const [measure] = incoming.features.flatMap(({ measures = [] }) => measures)
    expect(await measure?.read()).toContainEqual({ labels: { state: "waiting" }, value: 1 })
  })
})
