/** The services of intake over a {@link Site} and a database, behind the real HTTP application. */

import { randomUUID } from "node:crypto"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { buildApp } from "../../../src/app/build-app.ts"
import { createCases } from "../../../src/casework/cases/service.ts"
import { createKnownFalsePositives } from "../../../src/intake/false-positives/known-false-positives.ts"
import { takeInJob } from "../../../src/intake/findings/jobs/take-in.ts"
import { takeInWaitingJob } from "../../../src/intake/findings/jobs/take-in-waiting.ts"
import { intakeRoutes } from "../../../src/intake/findings/routes.ts"
import { createIntake } from "../../../src/intake/findings/service.ts"
import { createIndexFloor } from "../../../src/intake/lists/floor.ts"
import { openLiveIndex } from "../../../src/intake/lists/live-index.ts"
import { scanRoutes } from "../../../src/intake/scans/routes.ts"
import { createScans } from "../../../src/intake/scans/service.ts"
import { screenRoutes } from "../../../src/intake/screen/routes.ts"
import { createScreen, type ScreenDeps } from "../../../src/intake/screen/service.ts"
import { handoverRoutes } from "../../../src/intake/sources/handover.ts"
import { sourceRoutes } from "../../../src/intake/sources/routes.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import type { Actor, Scope, ServiceActor } from "../../../src/platform/auth/actor.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import type { DiskSpace } from "../../../src/platform/db/disk-space.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { openSealedEvidence } from "../../../src/platform/evidence-store/sealed-evidence.ts"
import type { Jobs } from "../../../src/platform/jobs/job.ts"
import { createLog } from "../../../src/platform/log.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"
import { aPerson, createHarness } from "../../casework/cases/harness.ts"
import type { TestDatabase } from "../../support/postgres.ts"
import { type Pusher, policy, type Site } from "./site.ts"

/** Headers of a call: who makes it is looked up by the key. */
export const asKey = (key: string) => ({ host: "localhost", authorization: `Bearer ${key}` })

/** Makes the services. */
export async function makeHouse(
  site: Site,
  db: TestDatabase,
  options: Partial<Pick<ScreenDeps, "custody" | "classifyText" | "callsPerMinute" | "atOnce">> & {
    readonly maxEvidenceBytes?: number
    readonly disk?: DiskSpace
    /** Ports of this machine that the application is called on; none for calls inside the process. */
    readonly ports?: readonly number[]
  } = {},
) {
  const { clock, digests } = site
  const { kysely } = db.database
  const deps = { db: kysely, clock, contextKeys: openContextKeys(site.contextKey), digests }
  const queued: { readonly name: string; readonly payload: object }[] = []
  const jobs: Jobs = { enqueue: async (_trx, name, payload) => void queued.push({ name, payload }) }
  const alarms = createAlarms(deps)
  const custodian = openCustodianClient(site.custodian.socket)
  const index = await openLiveIndex({
    indexDir: site.indexDir,
    verifier: site.verifier,
    clock,
    floor: createIndexFloor(deps),
    onRefused: async ({ code, version }) => {
      await alarms.raiseNow({ code: "list-index-refused", subject: `index-${version}`, data: { code } })
    },
  })
  const evidence = await openSealedEvidence({
    dir: site.evidenceDir,
    manifest: site.manifestPath,
    verifier: site.verifier,
    digests,
    clock,
  })
  const sources = createSources(deps)
  const cases = createCases({ ...createHarness(db).casesDeps, ...deps, alarms })
  const intake = createIntake({
    ...deps,
    jobs,
    evidence,
    sources,
    alarms,
    ...compact({ maxEvidenceBytes: options.maxEvidenceBytes }),
  })
  const falsePositives = createKnownFalsePositives(deps)
  const takeIn = takeInJob(async () => ({ ...deps, custodian, index, policy, cases, alarms, falsePositives }))
  const waiting = takeInWaitingJob({ ...deps, custodian, index, jobs })
  const screen = createScreen({
    ...deps,
    custody: { mode: "seal", basis: "a test's own reasons" },
    callsPerMinute: 1200,
    atOnce: 64,
    ...options,
    evidence,
    intake,
    sources,
    index,
    falsePositives,
    policy: async () => policy,
    alarms,
    fingerprint: (source, signal) => site.decoder.fingerprint(source, signal),
  })
  const findingsOf = (source: string, scan: string) => intake.ofScan(source, scan)
  const scans = createScans({ ...deps, sources, alarms, findingsOf })
  const actors = new Map<string, Actor>()
  const log: string[] = []
  const app: FastifyInstance = await buildApp({
    ...compact({ disk: options.disk }),
    origins: ["http://localhost", ...(options.ports ?? []).map((port) => `http://127.0.0.1:${port}`)],
    log: createLog({ process: "test", destination: { write: (line) => void log.push(line) } }),
    authenticate: async ({ headers }) => actors.get((headers.authorization ?? "").replace("Bearer ", "")),
    features: [
      {
        name: "sources",
        routes: (to) => {
          sourceRoutes(to, { sources })
          handoverRoutes(to, { ...deps, sources, alarms })
        },
      },
      { name: "intake", routes: (to) => intakeRoutes(to, { intake }) },
      { name: "scans", routes: (to) => scanRoutes(to, { scans }) },
      { name: "screen", routes: (to) => screenRoutes(to, { screen }) },
    ],
  })
  const none = new AbortController().signal

  /** Makes a key for a source, or for none. */
  function keyFor(source: string | undefined, ...scopes: Scope[]): string {
    const actor: ServiceActor = { kind: "service", id: `key-${randomUUID()}`, scopes: new Set(scopes), source }
    actors.set(actor.id, actor)
    return actor.id
  }

  async function enrol(pusher: Pick<Pusher, "publicKey">, namesAccounts = false) {
    const { source } = await sources.enrol(aPerson("administrator"), {
      name: "a workspace",
      publicKey: pusher.publicKey,
      namesAccounts,
    })
    return { source, key: keyFor(source, "findings:push", "screen") }
  }

  return {
    app,
    deps,
    intake,
    sources,
    scans,
    screen,
    index,
    custodian,
    alarms,
    cases,
    queued,
    log,
    actors,
    keyFor,
    enrol,
    events: (query: Parameters<typeof readEvents>[1] = {}) => readEvents(kysely, query),
    push: async (key: string, body: string | Buffer) => {
      const answer = await app.inject({
        method: "POST",
        url: "/v1/findings",
        headers: { ...asKey(key), "content-type": "application/x-ndjson" },
        payload: body,
      })
      return { status: answer.statusCode, body: answer.json() }
    },
    upload: async (key: string, evidenceId: string, ciphertext: Buffer) => {
      const answer = await app.inject({
        method: "PUT",
        url: `/v1/evidence/${evidenceId}`,
        headers: { ...asKey(key), "content-type": "application/octet-stream" },
        payload: ciphertext,
      })
      return { status: answer.statusCode, body: answer.json() }
    },
    /** Runs what is queued, until nothing is. */
    work: async () => {
      for (let job = queued.shift(); job !== undefined; job = queued.shift()) {
        if (job.name === takeIn.name) await takeIn.run(takeIn.payload.parse(job.payload), none)
      }
    },
    run: (job: { readonly payload: object }) => takeIn.run(takeIn.payload.parse(job.payload), none),
    sweep: () => waiting.run({}, none),
    rows: () => kysely.selectFrom("received_findings").selectAll().orderBy("received_at").execute(),
    close: async () => {
      await app.close()
      await index.close()
      await custodian.close()
    },
  }
}

/** What {@link makeHouse} makes. */
export type House = Awaited<ReturnType<typeof makeHouse>>
