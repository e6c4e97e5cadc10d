import { generateKeyPairSync, randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GUARD_LATE_SECONDS, HomeHealth } from "@nightlight/contract/server"
import { DependencyError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { afterAll, describe, expect, it } from "vitest"
import { createGuards } from "../../../src/intake/guards/service.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import type { Health } from "../../../src/oversight/health/state.ts"
import { guardsSeen, type PartsDeps, readParts } from "../../../src/oversight/home/health.ts"
import { pauseFiling } from "../../../src/oversight/operations/filing-pause.ts"
import type { ServiceActor } from "../../../src/platform/auth/actor.ts"
import { makeCheckpoint } from "../../../src/platform/events/checkpoint.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { installQueue } from "../../../src/platform/jobs/install.ts"
import { startWorker } from "../../../src/platform/jobs/registry.ts"
import { createLog } from "../../../src/platform/log.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"
import { aHeartbeat } from "../../intake/guards/heartbeat.ts"
import { collectLog } from "../../support/app.ts"
import { createSigningCustodian } from "../../support/signing-custodian.ts"

const db = useDatabase()
const clock = movingClock()
const log = createLog({ process: "test", destination: collectLog() })
const dir = await mkdtemp(join(tmpdir(), "nl-home-"))
afterAll(() => rm(dir, { recursive: true, force: true }))

const deps = {
  get db() {
    return db.database.kysely
  },
  clock,
}
const READY: Health = {
  ready: true,
  disk: "ready",
  database: "ready",
  custodian: "ready",
  lists: "live",
  custody: "shared",
  isolation: "bwrap+seccomp",
  decoding: "isolated",
  custodianIsolation: "none",
  custodianDecoding: "accepted",
}
const TEST_HOST = { reports: { environment: "test", sharedCustody: "refuse" } } as const

const parts = async (of: Partial<PartsDeps> = {}) =>
  HomeHealth.parse(
    await readParts({
      db: db.database.kysely,
      config: TEST_HOST,
      health: async () => READY,
      lists: async () => undefined,
      pager: async () => ({ isSet: false, last: undefined }),
      copies: async () => [],
      ...of,
    }),
  )

describe("the health of the parts", () => {
  it("knows no worker without a queue, none before the first, one that runs, and one that does not any more", async () => {
    expect((await parts()).worker).toEqual({ state: "unknown" })
    await installQueue(db.owner, [], log)
    expect((await parts()).worker).toEqual({ state: "none" })
    const worker = await startWorker({ database: db.app, jobs: [], log, leaveToPerson: async () => undefined })
    expect((await parts()).worker).toEqual({ state: "running", seenAt: expect.any(String) })
    await worker.stop()
    expect((await parts()).worker).toEqual({ state: "silent", seenAt: expect.any(String) })
  })

  it("says of lists how many there are, how old the oldest is, and how many do not say", async () => {
    const lists = [
      { name: "test-cards", trust: "test", asOf: "2020-01-01" },
      { name: "one", trust: "trusted", asOf: "2026-05-03" },
      { name: "two", trust: "unverified", asOf: "2026-04-30T10:00:00Z" },
      { name: "three", trust: "unverified" },
    ]
    expect((await parts({ lists: async () => ({ version: 7, lists }) })).lists).toEqual({
      state: "live",
      version: 7,
      lists: 3,
      withoutAsOf: 1,
      oldestAsOf: "2026-04-30T10:00:00Z",
    })
    expect((await parts()).lists).toEqual({ state: "live" })
  })

  it("says how far decoding is isolated, that nothing isolates it by acceptance, and that nothing is filed without one", async () => {
    expect((await parts()).decoding).toEqual({
      server: { isolation: "bwrap+seccomp", state: "isolated" },
      custodian: { isolation: "none", state: "accepted" },
    })
    const production = { reports: { environment: "production", sharedCustody: "accept" } } as const
    const bare = async (): Promise<Health> => ({ ...READY, isolation: "none", decoding: "refused" })
    const { filing, decoding } = await parts({ config: production, health: bare })
    expect(filing).toEqual({ environment: "production", paused: true, why: "decoder-not-isolated" })
    expect(decoding.server).toEqual({ isolation: "none", state: "refused" })
  })

  it("says why nothing is filed: shared custody at the production host alone, a restore at any", async () => {
    const production = { reports: { environment: "production", sharedCustody: "refuse" } } as const
    const accepted = { reports: { environment: "production", sharedCustody: "accept" } } as const
    expect((await parts()).filing).toEqual({ environment: "test", paused: false })
    expect((await parts({ config: production })).filing).toEqual({
      environment: "production",
      paused: true,
      why: "custody-shared",
    })
    expect((await parts({ config: accepted })).filing).toEqual({ environment: "production", paused: false })
    await transact(deps, "system-host", (tx) => pauseFiling(tx, "host", clock.now()))
    expect((await parts()).filing).toEqual({ environment: "test", paused: true, why: "restored" })
  })

  it("says that a restore is open until it is closed", async () => {
    const record = (type: string) =>
      transact(deps, "system-host", async (step) => step.record({ type, subject: "installation" }))
    expect((await parts()).restore).toEqual({ open: false })
    const restoredAt = clock.now().toISOString()
    await record("database.restored")
    expect((await parts()).restore).toEqual({ open: true, restoredAt })
    await record("restore.closed")
    expect((await parts()).restore).toEqual({ open: false })
  })

  it("says how far the log is signed, and since when", async () => {
    expect((await parts()).log).toEqual({ unsigned: 3 })
    await createSigningKey(join(dir, "signing.pem"))
    const signer = await openSigner(join(dir, "signing.pem"))
    const signedAt = clock.now().toISOString()
    const verifier = await openVerifier(publicKeyPath(join(dir, "signing.pem")))
    const custodian = createSigningCustodian(signer, verifier, clock)
    await makeCheckpoint({
      db: db.database.kysely,
      log,
      custodian: custodian as never,
    })
    expect((await parts()).log).toEqual({ unsigned: 0, signedAt })
    await createAlarms(deps).raiseNow({ code: "sign-in-failures", subject: "person-1" })
    expect((await parts()).log).toEqual({ unsigned: 1, signedAt })
  })

  it("says of each place that checkpoints are copied to how far it has got, in the order of the configuration", async () => {
    const at = new Date("2026-05-01T10:00:00.000Z")
    const none = { waitingSince: undefined, copiedAt: undefined, failingSince: undefined, fault: undefined }
    const copies = async () => [
      { ...none, place: "/mnt/b", state: "current", waiting: 0, copiedAt: at } as const,
      {
        ...none,
        place: "s3://a/",
        state: "failing",
        waiting: 2,
        waitingSince: at,
        failingSince: at,
        fault: "refused",
      } as const,
    ]
    const iso = at.toISOString()
    expect((await parts({ copies })).checkpointCopies).toEqual([
      { place: "/mnt/b", state: "current", waiting: 0, copiedAt: iso },
      { place: "s3://a/", state: "failing", waiting: 2, waitingSince: iso, failingSince: iso, fault: "refused" },
    ])
  })

  it("says the gravest of guards, by what each said last, and that nobody knows where nothing tells", async () => {
    const sources = createSources(deps)
    const guards = createGuards({ ...deps, sources })
    const publicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString()
    const { source } = await sources.enrol(aPerson("administrator"), { name: "a", publicKey, namesAccounts: false })
    const key: ServiceActor = {
      kind: "service",
      id: `key-${randomUUID()}`,
      scopes: new Set(["findings:push"]),
      source,
      callsPerMinute: 1_200,
    }
    const seen = async () => (await parts({ guards: () => guardsSeen(guards) })).guards
    expect((await parts()).guards).toEqual({ state: "unknown" })
    expect(await seen()).toEqual({ state: "none", reporting: 0, unready: 0, silent: 0 })
    const [one, two] = [aHeartbeat(), aHeartbeat({ ready: false })]
    await guards.hear(key, one)
    expect(await seen()).toMatchObject({ state: "reporting", reporting: 1 })
    await guards.hear(key, two)
    expect(await seen()).toMatchObject({ state: "unready", reporting: 2, unready: 1 })
    clock.move((GUARD_LATE_SECONDS + 1) * 1000)
    await guards.hear(key, one)
    expect(await seen()).toEqual({
      state: "silent",
      reporting: 1,
      unready: 0,
      silent: 1,
      seenAt: clock.now().toISOString(),
    })
    await guards.hear(key, { ...one, state: "stopped" })
    await guards.hear(key, { ...two, state: "stopped" })
    expect(await seen()).toMatchObject({ state: "none", silent: 0 })
  })

  it("says of a part that fails to answer that it is unknown", async () => {
    const guards = () => Promise.reject(new DependencyError("unavailable", "no answer"))
    expect((await parts({ guards })).guards).toEqual({ state: "unknown" })
  })
})
