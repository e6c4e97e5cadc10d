import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, TestClock } from "@nightlight/dev-env/server/cases"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { verifyAuditLog } from "@nightlight/vault/audit"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { auditRoutes } from "../../../src/oversight/audit/routes.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import { makeCheckpoint } from "../../../src/platform/events/checkpoint.ts"
import { readEvents, walkEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createLog } from "../../../src/platform/log.ts"
import { collectLog, testApp } from "../../support/app.ts"
import { createSigningCustodian } from "../../support/signing-custodian.ts"

interface Page {
  readonly events: readonly { readonly seq: number; readonly type: string; readonly actor: string }[]
  readonly nextSeq?: number
}

const db = useDatabase()
const clock = new TestClock()
const auditor = aPerson("auditor")
const stepped: PersonActor = { ...auditor, steppedUpUntil: new Date(8.64e15) }
let app: FastifyInstance
let caller: PersonActor = auditor

const call = (url: string) => app.inject({ url, headers: { host: "localhost" } })
const read = async (query: string): Promise<Page> => (await call(`/v1/audit/events?${query}`)).json<Page>()
const seqs = ({ events }: Page) => events.map(({ seq }) => seq)

beforeAll(async () => {
  const deps = { db: db.database.kysely, clock }
  for (const [actor, type] of [
    ["person-1", "hold.placed"],
    ["person-2", "hold.lifted"],
    ["person-1", "evidence.destroyed"],
  ] as const) {
    await transact(deps, actor, async ({ record }) => record({ type, subject: "case-1" }))
    clock.move(HOUR_MS)
  }
  app = await testApp({
    authenticate: async () => caller,
    routes: (on) =>
      auditRoutes(on, { ...deps, signing: "when-enrolled", custodian: openCustodianClient("/nowhere/custodian.sock") }),
  })
})
afterAll(() => app.close())

describe("the log over HTTP", () => {
  it("is read from either end, page by page", async () => {
    const first = await read("subject=case-1&order=newest&limit=2")
    expect(seqs(first)).toEqual([3, 2])
    expect(first.nextSeq).toBe(1)
    const last = await read("subject=case-1&order=newest&limit=2&fromSeq=1")
    expect(seqs(last)).toEqual([1])
    expect(last.nextSeq).toBeUndefined()
    expect(await read("subject=case-1&limit=2")).toMatchObject({ events: [{ seq: 1 }, { seq: 2 }], nextSeq: 3 })
  })

  it("is searched by a type, a family of types, an actor and a time", async () => {
    expect(seqs(await read("type=hold.placed"))).toEqual([1])
    expect(seqs(await read("type=hold."))).toEqual([1, 2])
    expect(seqs(await read("subject=case-1&by=person-1"))).toEqual([1, 3])
    expect(seqs(await read("subject=case-1&since=2026-03-02T10:00:00Z&until=2026-03-02T11:00:00.000Z"))).toEqual([2])
  })

  it("gives the same in pages of any size as read whole", async () => {
    const { kysely } = db.database
    const query = { types: ["hold.placed", "hold.lifted", "evidence.destroyed"], subject: "case-1" }
    const whole = await readEvents(kysely, query)
    expect(whole).toHaveLength(3)
    for (const pageEvents of [1, 2, 3, 4]) {
      expect(await Array.fromAsync(walkEvents(kysely, query, pageEvents))).toEqual(whole)
    }
  })

  it("records that somebody searched it, once a search and not once a page", async () => {
    const searches = async () => (await read("type=audit.searched&fromSeq=2")).events.length
    const before = await searches()
    await read("subject=case-1&order=newest&limit=2&fromSeq=1")
    expect(await searches()).toBe(before)
    await read("subject=case-1&order=newest&limit=2")
    expect(await searches()).toBe(before + 1)
  })

  it("is exported only after a step-up, as files that verify elsewhere, and records the export", async () => {
    caller = auditor
    expect((await call("/v1/audit/export")).json()).toMatchObject({ type: "step_up_required" })
    caller = stepped
    const folder = await mkdtemp(join(tmpdir(), "nightlight-export-"))
    try {
      const key = join(folder, "key.pem")
      await createSigningKey(key)
      const signer = await openSigner(key)
      await makeCheckpoint({
        db: db.database.kysely,
        custodian: createSigningCustodian(signer, await openVerifier(publicKeyPath(key)), clock) as never,
        log: createLog({ process: "test", destination: collectLog() }),
      })
      for (const part of ["events", "checkpoints"]) {
        const answer = await call(`/v1/audit/export?part=${part}`)
        expect(answer.headers["content-type"]).toContain("application/x-ndjson")
        const name = /filename="([^"]+)"/.exec(String(answer.headers["content-disposition"]))?.[1] ?? ""
        await writeFile(join(folder, name), answer.body)
      }
      const verified = await verifyAuditLog(folder, await openVerifier(publicKeyPath(key)))
      expect(verified).toMatchObject({ ok: true })
      const exported = await read("type=audit.exported&fromSeq=2")
      expect(exported.events.map(({ actor }) => actor)).toEqual([auditor.id, auditor.id])
      expect(exported.events[0]?.seq).toBeLessThanOrEqual(verified.events)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
