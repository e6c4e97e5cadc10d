import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type CheckpointRestart, createPersonKey, proveCheckpointRestart } from "@nightlight/contract/custodian"
import { systemClock } from "@nightlight/core"
import { auditWords } from "@nightlight/dataset"
import { createDatabase, useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import type { Checkpoint } from "@nightlight/vault/audit"
import type { FastifyInstance } from "fastify"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { restartRoutes } from "../../../src/oversight/audit/restart-routes.ts"
import { readProvenRestart } from "../../../src/oversight/audit/restarts.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { makeCheckpoint } from "../../../src/platform/events/checkpoint.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { verifyLog } from "../../../src/platform/events/verify.ts"
import { createLog } from "../../../src/platform/log.ts"
import { collectLog, testApp } from "../../support/app.ts"
import { appendEvents, type Made } from "../../support/append-events.ts"
import { createSigningCustodian, type SigningCustodian } from "../../support/signing-custodian.ts"
import { asSuperuser } from "../../support/superuser.ts"

const dir = await mkdtemp(join(tmpdir(), "nightlight-restarts-"))
await createSigningKey(join(dir, "key.pem"))
const signer = await openSigner(join(dir, "key.pem"))
const verifier = await openVerifier(publicKeyPath(join(dir, "key.pem")))
afterAll(() => rm(dir, { recursive: true, force: true }))

const databases: Made[] = []
afterEach(async () => {
  for (const made of databases.splice(0)) await made.drop()
})

const sign = (made: Made, custodian: SigningCustodian) =>
  makeCheckpoint({
    db: made.database.kysely,
    custodian: custodian as never,
    log: createLog({ process: "test", destination: collectLog() }),
  })

const verify = (made: Made, checkpoints: readonly Checkpoint[] = []) =>
  verifyLog(made.database.kysely, { verifier, checkpoints })

async function eventAt(made: Pick<Made, "database">, seq: number) {
  const row = await made.database.kysely
    .selectFrom("events")
    .select("hash")
    .where("seq", "=", String(seq))
    .executeTakeFirstOrThrow()
  return { seq, hash: row.hash }
}

/** A log of nine signed events that was put back to the fourth, and has gone on to the eighth since. */
async function restoredLog() {
  const made = await createDatabase()
  databases.push(made)
  const custodian = createSigningCustodian(signer, verifier)
  for (let round = 0; round < 3; round++) {
    await appendEvents(made, 3)
    await sign(made, custodian)
  }
  await asSuperuser(made, async ({ run }) => {
    await run("DELETE FROM events WHERE seq > 4")
    await run("DELETE FROM event_checkpoints WHERE seq > 4")
  })
  await appendEvents(made, 4)
  return { made, custodian, before: custodian.given() }
}

describe("a log whose checkpoints were restarted after a restore", () => {
  it("is signed again, verifies, and reports what no checkpoint attests", async () => {
    const { made, custodian, before } = await restoredLog()
    await expect(sign(made, custodian)).rejects.toMatchObject({ code: "audit_chain_broken" })
    expect(await verify(made, before)).toMatchObject({ ok: false, problem: { code: "checkpoint_differs", seq: 4 } })
    custodian.restart(await eventAt(made, 8))
    await appendEvents(made, 2)
    expect(await sign(made, custodian)).toBe(10)
    await appendEvents(made, 2)
    const result = await verify(made, custodian.given())
    expect(result).toMatchObject({
      ok: true,
      events: 12,
      unchangedThroughSeq: 10,
      presentThroughSeq: 10,
      unattested: { fromSeq: 11, throughSeq: 12 },
      restarts: [
        {
          number: 1,
          person: "person-cora",
          reason: "database-restored",
          beforeSeq: 9,
          startSeq: 8,
          agreesThroughSeq: 3,
        },
      ],
    })
    const words = auditWords(result)
    expect(words).toContain("no event up to 10 was changed since ")
    expect(words).toContain("Nothing is known about what events 4 to 8 were before that.")
    expect(words).toContain("No checkpoint covers events 11 to 12 (2) yet.")
  })

  it("verifies against earlier copies, by the restart in the database or in another copy", async () => {
    const { made, custodian, before } = await restoredLog()
    custodian.restart(await eventAt(made, 8))
    expect(await verify(made, custodian.given())).toMatchObject({ ok: true, presentThroughSeq: 8 })
    await appendEvents(made, 1)
    await sign(made, custodian)
    expect(await verify(made, before)).toMatchObject({ ok: true, presentThroughSeq: 3, unchangedThroughSeq: 9 })
    await asSuperuser(made, ({ run }) => run("DELETE FROM event_checkpoints WHERE restarts > 0"))
    expect(await verify(made, before)).toMatchObject({ ok: false, problem: { code: "checkpoint_differs" } })
  })

  it("is refused again when it is rewritten before or after the event from which checkpoints continued", async () => {
    const { made, custodian } = await restoredLog()
    custodian.restart(await eventAt(made, 8))
    await appendEvents(made, 3)
    await sign(made, custodian)
    const given = custodian.given()
    await asSuperuser(made, async ({ run }) => {
      await run("DELETE FROM events WHERE seq > 6")
      await run("DELETE FROM event_checkpoints WHERE restarts > 0 OR seq > 6")
    })
    expect(await verify(made, given)).toMatchObject({ problem: { code: "log_truncated", seq: 7, throughSeq: 11 } })
    await appendEvents(made, 6)
    expect(await verify(made, given)).toMatchObject({
      ok: false,
      problem: { code: "checkpoint_differs", seq: 4, throughSeq: 8 },
    })
    await expect(sign(made, custodian)).rejects.toMatchObject({ code: "audit_chain_broken" })
  })

  it("accepts a second restart, and reports both", async () => {
    const { made, custodian } = await restoredLog()
    custodian.restart(await eventAt(made, 6))
    await appendEvents(made, 1)
    await sign(made, custodian)
    custodian.restart(await eventAt(made, 8), "clock-wrong")
    await appendEvents(made, 1)
    await sign(made, custodian)
    const { ok, restarts } = await verify(made, custodian.given())
    expect(ok).toBe(true)
    expect(restarts?.map(({ number, startSeq, agreesThroughSeq }) => [number, startSeq, agreesThroughSeq])).toEqual([
      [1, 6, 3],
      [2, 8, 9],
    ])
  })

  it("does not verify by a restart that somebody else signed", async () => {
    const { made, custodian, before } = await restoredLog()
    await createSigningKey(join(dir, "other.pem"))
    const others = createSigningCustodian(await openSigner(join(dir, "other.pem")), verifier)
    others.restart(await eventAt(made, 8))
    const { line } = await others.checkpointHead()
    await asSuperuser(made, ({ run }) =>
      run("INSERT INTO event_checkpoints (restarts, seq, line) VALUES (1, 8, $1)", line),
    )
    expect(await verify(made)).toMatchObject({ ok: false, problem: { code: "checkpoint_untrusted" } })
    expect(await verify(made, before)).toMatchObject({ ok: false, problem: { code: "checkpoint_differs" } })
    await expect(sign(made, custodian)).rejects.toMatchObject({ code: "audit_chain_broken" })
  })

  it("notices a custodian whose folder was restored to before the restart", async () => {
    const { made, custodian } = await restoredLog()
    custodian.restart(await eventAt(made, 8))
    await appendEvents(made, 1)
    await sign(made, custodian)
    await appendEvents(made, 1)
    const older = createSigningCustodian(signer, verifier)
    await expect(sign(made, older)).rejects.toMatchObject({
      code: "audit_chain_broken",
      details: { seq: 9, journal: 0 },
    })
  })
})

describe("a restart over HTTP", () => {
  const db = useDatabase()
  const counsel: PersonActor = { ...aPerson("counsel"), steppedUpUntil: new Date(8.64e15) }
  let caller: PersonActor = counsel
  let app: FastifyInstance
  const custodian = createSigningCustodian(signer, verifier)

  beforeAll(async () => {
    const deps = { db: db.database.kysely, clock: systemClock }
    await transact(deps, "person-1", async ({ record }) => record({ type: "hold.placed", subject: "case-1" }))
    await transact(deps, "person-1", async ({ record }) => record({ type: "hold.lifted", subject: "case-1" }))
    app = await testApp({
      authenticate: async () => caller,
      routes: (on) => restartRoutes(on, { ...deps, custodian: custodian as never }),
    })
  })
  afterAll(() => app.close())

  async function aRestart(change: Partial<CheckpointRestart> = {}) {
    const now = Date.now()
    const restart: CheckpointRestart = {
      format: "nightlight-checkpoint-restart/1",
      restartId: `restart-${crypto.randomUUID()}`,
      person: counsel.id,
      reason: "log-rewritten",
      before: { seq: 0, hash: "0".repeat(64) },
      start: await eventAt(db, 2),
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 3_600_000).toISOString(),
      ...change,
    }
    const proof = await proveCheckpointRestart(restart, (await createPersonKey()).privateKey)
    return { restart, proof }
  }
  const send = (payload: object) =>
    app.inject({
      method: "POST",
      url: "/v1/audit/checkpoint-restarts",
      headers: { host: "localhost", origin: "http://localhost", "x-nightlight-csrf": "1" },
      payload,
    })

  it("is stored once for the host with the log's line, and recorded in the log", async () => {
    const signed = await aRestart()
    const answer = await send(signed)
    expect([answer.statusCode, answer.json()]).toMatchObject([201, { restartId: signed.restart.restartId }])
    const proven = await readProvenRestart(db.database.kysely, signed.restart.restartId)
    expect(proven).toMatchObject(signed)
    expect(JSON.parse(proven.line)).toMatchObject({ seq: 2, type: "hold.lifted" })
    expect((await send(signed)).statusCode).toBe(409)
    const last = await db.database.kysely
      .selectFrom("events")
      .select(["type", "actor", "subject"])
      .orderBy("seq", "desc")
      .limit(1)
      .execute()
    expect(last).toEqual([{ type: "checkpoint-restart.signed", actor: counsel.id, subject: signed.restart.restartId }])
  })

  it("is refused for somebody else, for another event than the log has, and from anybody but counsel", async () => {
    expect((await send(await aRestart({ person: "person-other" }))).statusCode).toBe(403)
    expect((await send(await aRestart({ start: { seq: 2, hash: "0".repeat(64) } }))).statusCode).toBe(409)
    expect((await send(await aRestart({ start: { seq: 99, hash: "0".repeat(64) } }))).statusCode).toBe(409)
    for (const role of ["auditor", "administrator", "senior-reviewer", "reporter"] as const) {
      caller = { ...aPerson(role), steppedUpUntil: new Date(8.64e15) }
      expect((await send(await aRestart({ person: caller.id }))).statusCode).toBe(403)
    }
    caller = { ...counsel, steppedUpUntil: undefined }
    expect((await send(await aRestart())).statusCode).toBe(403)
    caller = counsel
    await expect(readProvenRestart(db.database.kysely, "restart-none")).rejects.toMatchObject({ code: "not_found" })
  })

  it("comes with the state of log and custodian", async () => {
    const read = async () =>
      (await app.inject({ url: "/v1/audit/checkpoints", headers: { host: "localhost" } })).json<object>()
    expect(await read()).toMatchObject({ state: "agree", restarts: 0, signed: { seq: 0 } })
    custodian.restart({ seq: 2, hash: "0".repeat(64) })
    expect(await read()).toMatchObject({ state: "differ", restarts: 1, signed: { seq: 2 } })
  })
})
