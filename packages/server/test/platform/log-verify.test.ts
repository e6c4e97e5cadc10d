import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { canonicalJson, DependencyError, type JsonValue } from "@nightlight/core"
import { TEST_AUTHORITY } from "@nightlight/dev-env/database/authority"
import { createDatabase } from "@nightlight/dev-env/database/postgres"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"
import { type Checkpoint, chainAuditEvent, toAuditLine, verifyAuditLog } from "@nightlight/vault/audit"
import { Client } from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeCheckpoint } from "../../src/platform/events/checkpoint.ts"
import { exportLog } from "../../src/platform/events/export.ts"
import { verifyLog } from "../../src/platform/events/verify.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog } from "../support/app.ts"
import { appendEvents, type Made } from "../support/append-events.ts"
import { untilWaiting } from "../support/held-row.ts"
import { createSigningCustodian, type Shown, type SigningCustodian } from "../support/signing-custodian.ts"

const dir = await mkdtemp(join(tmpdir(), "nightlight-verify-"))
const keyPath = join(dir, "key.pem")
await createSigningKey(keyPath)
const signer = await openSigner(keyPath)
const verifier = await openVerifier(publicKeyPath(keyPath))
const signingCustodian = () => createSigningCustodian(signer, verifier)
afterAll(() => rm(dir, { recursive: true, force: true }))

const deps = (made: Made, custodian: SigningCustodian) => ({
  db: made.database.kysely,
  custodian: custodian as never,
  log: createLog({ process: "test", destination: collectLog() }),
})

/** Nine events; checkpoints signed of the third and the sixth. */
async function logOfNine(): Promise<{ made: Made; custodian: SigningCustodian }> {
  const made = await createDatabase()
  databases.push(made)
  const custodian = signingCustodian()
  for (const rounds of [1, 2, 3]) {
    await appendEvents(made, 3)
    if (rounds < 3) await makeCheckpoint(deps(made, custodian))
  }
  return { made, custodian }
}
const databases: Made[] = []
afterAll(async () => {
  for (const made of databases) await made.drop()
})

/** As somebody who owns the server: the triggers do not hold them. */
async function asSuperuser(made: Made, ...statements: readonly string[]): Promise<void> {
  const client = new Client(made.superuser as never)
  await client.connect()
  await client.query("SET session_replication_role = replica")
  for (const statement of statements) await client.query(statement)
  await client.end()
}

const verify = (made: Made, checkpoints: readonly Checkpoint[] = []) =>
  verifyLog(made.database.kysely, { verifier, checkpoints })

describe("verifyLog", () => {
  it("says of an untouched log how far it can speak for it", async () => {
    const { made, custodian } = await logOfNine()
    expect(await verify(made)).toEqual({
      ok: true,
      events: 9,
      repairs: [],
      unchangedThroughSeq: 6,
      presentThroughSeq: 0,
      unchangedSince: custodian.given()[1]?.at,
      unattested: { fromSeq: 7, throughSeq: 9 },
    })
    expect(await verify(made, custodian.given())).toMatchObject({ ok: true, presentThroughSeq: 6 })
  })

  it.each([
    ["a line", "UPDATE events SET line = replace(line, 'person-1', 'person-2') WHERE seq = 4", "event_edited", 4],
    ["a column that queries read", "UPDATE events SET type = 'case.released' WHERE seq = 4", "event_edited", 4],
    ["an event that is gone", "DELETE FROM events WHERE seq = 5", "event_out_of_order", 5],
    ["a line that is none", "UPDATE events SET line = '{}' WHERE seq = 2", "event_malformed", 2],
  ])("names the first event after a superuser changed %s", async (_, statement, code, seq) => {
    const { made } = await logOfNine()
    await asSuperuser(made, statement)
    expect(await verify(made)).toMatchObject({ ok: false, problem: { code, seq } })
  })

  it("names the first event after a superuser rewrote events with new hashes, checkpoints in the database removed", async () => {
    const { made, custodian } = await logOfNine()
    await asSuperuser(made, "DELETE FROM event_checkpoints", ...(await rewritten(made, 5)))
    expect(await verify(made)).toMatchObject({ ok: false, problem: { code: "event_unsealed", seq: 5, throughSeq: 5 } })
    expect(await verify(made, custodian.given())).toMatchObject({ problem: { code: "event_unsealed", seq: 5 } })
  })

  it("sees an event that was added with a right chain hash and another's code", async () => {
    const { made } = await logOfNine()
    await asSuperuser(made, await forged(made))
    expect(await verify(made)).toMatchObject({ ok: false, problem: { code: "event_unsealed", seq: 10 } })
    await appendEvents(made, 1)
    expect(await verify(made)).toMatchObject({ ok: false, problem: { code: "event_unsealed", seq: 10 } })
  })

  it("sees what somebody with the service's key rewrote by a checkpoint kept elsewhere", async () => {
    const { made, custodian } = await logOfNine()
    await asSuperuser(made, "DELETE FROM event_checkpoints", ...(await rewritten(made, 5, true)))
    expect(await verify(made)).toMatchObject({ ok: true, unchangedThroughSeq: 0 })
    expect(await verify(made, custodian.given())).toMatchObject({
      ok: false,
      problem: { code: "checkpoint_differs", seq: 4, throughSeq: 6 },
    })
  })

  it("sees a tail that was cut off, or yesterday's log, by a checkpoint kept elsewhere", async () => {
    const { made, custodian } = await logOfNine()
    await asSuperuser(made, "DELETE FROM events WHERE seq > 4", "DELETE FROM event_checkpoints WHERE seq > 4")
    expect(await verify(made)).toMatchObject({ ok: true })
    expect(await verify(made, custodian.given())).toMatchObject({
      problem: { code: "log_truncated", seq: 5, throughSeq: 6 },
    })
  })

  it("sees a checkpoint that the custodian did not sign", async () => {
    const { made } = await logOfNine()
    await asSuperuser(made, "UPDATE event_checkpoints SET line = replace(line, '\"seq\":6', '\"seq\":7') WHERE seq = 6")
    expect(await verify(made)).toMatchObject({ problem: { code: "checkpoint_untrusted", line: 2 } })
  })
})

describe("the application's role", () => {
  it.each([
    "UPDATE events SET type = 'x.y'",
    "DELETE FROM events",
    "TRUNCATE events",
    "UPDATE event_checkpoints SET line = ''",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "SET ROLE nightlight_owner",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (a int)",
  ])("cannot %s", async (statement) => {
    const { made } = await sharedLog()
    await expect(made.database.pool.query(statement)).rejects.toMatchObject({ code: "42501" })
  })

  it("is not the only one kept out: the owner's own UPDATE meets the trigger", async () => {
    const { made } = await sharedLog()
    const client = new Client(made.owner as never)
    await client.connect()
    await expect(client.query("DELETE FROM events")).rejects.toMatchObject({ code: "42501" })
    await client.end()
  })
})

describe("a checkpoint", () => {
  it("is made of a new head alone", async () => {
    const made = await createDatabase()
    databases.push(made)
    const custodian = signingCustodian()
    expect(await makeCheckpoint(deps(made, custodian))).toBeUndefined()
    await appendEvents(made, 2)
    expect(await makeCheckpoint(deps(made, custodian))).toBe(2)
    expect(await makeCheckpoint(deps(made, custodian))).toBeUndefined()
    expect(await verify(made, custodian.given())).toMatchObject({ ok: true, presentThroughSeq: 2 })
  })

  it("of a log that went back is refused with an alarm's code, not retried", async () => {
    const { made, custodian } = await logOfNine()
    await makeCheckpoint(deps(made, custodian))
    await asSuperuser(made, "DELETE FROM events WHERE seq > 7", "DELETE FROM event_checkpoints WHERE seq > 7")
    await expect(makeCheckpoint(deps(made, custodian))).rejects.toMatchObject({
      code: "audit_chain_broken",
      retryable: false,
    })
  })

  it("of an older head is made before that of a newer one, whoever asks the custodian first", async () => {
    const { made, custodian } = await logOfNine()
    let newer: Promise<number | undefined> = Promise.resolve(undefined)
    const slow = {
      ...custodian,
      checkpoint: async (shown: Shown) => {
        await appendEvents(made, 1)
        newer = makeCheckpoint(deps(made, custodian))
        await Promise.race([newer, untilWaiting(made.superuser, 1)])
        return custodian.checkpoint(shown)
      },
    }
    expect(await makeCheckpoint(deps(made, slow))).toBe(9)
    expect(await newer).toBe(10)
  })

  it("is not made by a custodian whose folder was put back: what it signed is known here", async () => {
    const { made } = await logOfNine()
    const older = signingCustodian()
    await expect(makeCheckpoint(deps(made, older))).rejects.toMatchObject({
      code: "audit_chain_broken",
      details: { seq: 6, journal: 0 },
    })
  })

  it("waits for a locked custodian", async () => {
    const { made } = await logOfNine()
    const locked = { checkpointHead: async () => Promise.reject(new DependencyError("unavailable", "locked")) }
    await expect(makeCheckpoint(deps(made, locked as never))).rejects.toMatchObject({ code: "unavailable" })
  })
})

it("an export verifies as a log folder, with the same answer", async () => {
  const { made } = await logOfNine()
  const to = join(dir, "export")
  expect(await exportLog(made.database.kysely, to)).toBe(9)
  expect(await verifyAuditLog(to, verifier)).toEqual(await verify(made))
  await expect(exportLog(made.database.kysely, to)).rejects.toMatchObject({ code: "state_conflict" })
})

let shared: Promise<Awaited<ReturnType<typeof logOfNine>>> | undefined
function sharedLog() {
  shared ??= logOfNine()
  return shared
}
beforeAll(() => sharedLog().then(() => undefined))

/** Statements that change the actor of an event and chain all later ones anew. */
async function rewritten(made: Made, fromSeq: number, sealed = false): Promise<readonly string[]> {
  const rows = await made.database.kysely.selectFrom("events").select(["seq", "line"]).orderBy("seq").execute()
  let prev = (JSON.parse(rows[fromSeq - 2]?.line ?? "{}") as { hash: string }).hash
  return rows.slice(fromSeq - 1).map(({ seq, line }) => {
    const { hash: _, ...rest } = JSON.parse(line) as Record<string, JsonValue>
    const event = { ...rest, actor: "person-2", prev }
    prev = createHash("sha256").update(canonicalJson(event)).digest("hex")
    const text = canonicalJson({ ...event, hash: prev })
    const mac = sealed ? `, mac = '${TEST_AUTHORITY.seal("events", String(seq), prev)}'` : ""
    return `UPDATE events SET line = '${text}', hash = '${prev}', actor = 'person-2'${mac} WHERE seq = ${String(seq)}`
  })
}

/** A statement that adds an event with a correct chain, and the MAC of the one before. */
async function forged(made: Made): Promise<string> {
  const last = await made.database.kysely
    .selectFrom("events")
    .selectAll()
    .orderBy("seq", "desc")
    .executeTakeFirstOrThrow()
  const head = { seq: Number(last.seq), hash: last.hash }
  const input = {
    type: "approval.approved",
    actor: "person-2",
    data: { subject: "approval-1", kind: "evidence.destroy" },
  }
  const event = chainAuditEvent(input, last.at, head)
  const values = [event.seq, event.at, event.type, event.actor, toAuditLine(event).trimEnd(), event.hash, last.mac]
  return `INSERT INTO events (seq, at, type, actor, line, hash, mac) VALUES (${values.map((value) => `'${value}'`).join(", ")})`
}
