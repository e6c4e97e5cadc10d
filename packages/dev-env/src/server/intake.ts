/** The services of intake over a {@link IntakeSite} and a database, behind the real HTTP application. */

import { randomUUID } from "node:crypto"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import type { Kysely } from "kysely"
import { buildApp } from "../../../server/src/app/build-app.ts"
import { createCases } from "../../../server/src/casework/cases/service.ts"
import { createKnownFalsePositives } from "../../../server/src/intake/false-positives/known-false-positives.ts"
import { verifyFindingJob } from "../../../server/src/intake/findings/jobs/verify-finding.ts"
import { verifyWaitingJob } from "../../../server/src/intake/findings/jobs/verify-waiting.ts"
import { intakeRoutes } from "../../../server/src/intake/findings/routes.ts"
import { createIntake } from "../../../server/src/intake/findings/service.ts"
import type { Intake } from "../../../server/src/intake/findings/types.ts"
import { createIndexFloor } from "../../../server/src/intake/lists/floor.ts"
import { openLiveIndex } from "../../../server/src/intake/lists/live-index.ts"
import { scanRoutes } from "../../../server/src/intake/scans/routes.ts"
import { createScans } from "../../../server/src/intake/scans/service.ts"
import type { Scans } from "../../../server/src/intake/scans/types.ts"
import { screenRoutes } from "../../../server/src/intake/screen/routes.ts"
import { createScreen, type ScreenDeps } from "../../../server/src/intake/screen/service.ts"
import type { Screen } from "../../../server/src/intake/screen/types.ts"
import { handoverRoutes } from "../../../server/src/intake/sources/handover.ts"
import { sourceRoutes } from "../../../server/src/intake/sources/routes.ts"
import { createSources } from "../../../server/src/intake/sources/service.ts"
import type { Sources } from "../../../server/src/intake/sources/types.ts"
import type { Actor, Scope, ServiceActor } from "../../../server/src/platform/auth/actor.ts"
import { openContextKeys } from "../../../server/src/platform/context-keys/context-keys.ts"
import { openCustodianClient } from "../../../server/src/platform/custodian/client.ts"
import type { DiskSpace } from "../../../server/src/platform/db/disk-space.ts"
import type { Tables } from "../../../server/src/platform/db/tables.ts"
import { readEvents } from "../../../server/src/platform/events/read.ts"
import { openSealedEvidence } from "../../../server/src/platform/evidence-store/sealed-evidence.ts"
import type { Jobs } from "../../../server/src/platform/jobs/job.ts"
import { createLog } from "../../../server/src/platform/log.ts"
import { createAlarms } from "../../../server/src/staff/alarms/service.ts"
import type { TestDatabase } from "../database/postgres.ts"
import { aPerson, createHarness } from "./cases.ts"
import { type IntakeSite, type Pusher, policy } from "./intake-site.ts"

/** Headers of a call with a key, by which the caller is looked up. */
export const asKey = (key: string) => ({ host: "localhost", authorization: `Bearer ${key}` })

/** Makes the services of intake and their HTTP application. */
export async function makeInstallation(
  site: IntakeSite,
  db: TestDatabase,
  options: Partial<Pick<ScreenDeps, "custody" | "classifyText" | "concurrency">> & {
    /** Limit of the keys that are made; 1,200 if absent. */
    readonly callsPerMinute?: number
    readonly maxEvidenceBytes?: number
    readonly disk?: DiskSpace
    /** Ports at which the application is called over HTTP; none for calls inside the process. */
    readonly ports?: readonly number[]
  } = {},
) {
  const { clock, digests } = site
  const kysely: Kysely<Tables> = db.database.kysely
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
  const sources: Sources = createSources(deps)
  const cases = createCases({ ...createHarness(db).casesDeps, ...deps, alarms })
  const intake: Intake = createIntake({
    ...deps,
    jobs,
    evidence,
    sources,
    alarms,
    ...compact({ maxEvidenceBytes: options.maxEvidenceBytes }),
  })
  const knownFalsePositives = createKnownFalsePositives(deps)
  const verifyFinding = verifyFindingJob(async () => ({
    ...deps,
    custodian,
    index,
    policy,
    cases,
    alarms,
    knownFalsePositives,
  }))
  const waiting = verifyWaitingJob({ ...deps, custodian, index, jobs })
  const screen: Screen = createScreen({
    ...deps,
    custody: { mode: "seal", basis: "a test's own reasons" },
    concurrency: 64,
    ...options,
    evidence,
    intake,
    sources,
    index,
    knownFalsePositives,
    policy: async () => policy,
    alarms,
    fingerprint: (source, signal) => site.decoder.fingerprint(source, signal),
  })
  const findingsOf = (source: string, scan: string) => intake.ofScan(source, scan)
  const scans: Scans = createScans({ ...deps, sources, alarms, findingsOf })
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

  /** Makes a key, for a source or without one. */
  function keyFor(source: string | undefined, ...scopes: Scope[]): string {
    const { callsPerMinute = 1_200 } = options
    const id = `key-${randomUUID()}`
    const actor: ServiceActor = { kind: "service", id, scopes: new Set(scopes), source, callsPerMinute }
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
    /** Runs queued jobs until the queue is empty. */
    work: async () => {
      for (let job = queued.shift(); job !== undefined; job = queued.shift()) {
        if (job.name === verifyFinding.name) await verifyFinding.run(verifyFinding.payload.parse(job.payload), none)
      }
    },
    run: (job: { readonly payload: object }) => verifyFinding.run(verifyFinding.payload.parse(job.payload), none),
    sweep: () => waiting.run({}, none),
    rows: () => kysely.selectFrom("received_findings").selectAll().orderBy("received_at").execute(),
    close: async () => {
      await app.close()
      await index.close()
      await custodian.close()
    },
  }
}

/** Services of intake for a test. */
export type Installation = Awaited<ReturnType<typeof makeInstallation>>
