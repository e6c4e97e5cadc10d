import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SOURCE_HANDOVER } from "@nightlight/contract/server"
import type { Signer } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { signDocument } from "@nightlight/durable"
import { createSigningKey, openVerifier, publicKeyPath, signHandover, toVerifier } from "@nightlight/vault"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildApp } from "../../../src/app/build-app.ts"
import { handoverRoutes } from "../../../src/intake/sources/handover.ts"
import { sourceRoutes } from "../../../src/intake/sources/routes.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import type { Sources } from "../../../src/intake/sources/types.ts"
import { verifyDatabase } from "../../../src/oversight/audit/verify-database.ts"
import type { Actor } from "../../../src/platform/auth/actor.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createLog } from "../../../src/platform/log.ts"
import { eventsAbout, found, type Member, openStaff, type Staff } from "../../support/staff.ts"
import { asSuperuser } from "../../support/superuser.ts"

const db = useDatabase()
const actors = new Map<string, Actor>()
let staff: Staff
let boss: Member
let sources: Sources
let app: Awaited<ReturnType<typeof buildApp>>

beforeAll(async () => {
  staff = await openStaff(db.database)
  boss = (await found(staff)).first
  sources = createSources(staff)
  app = await buildApp({
    origins: ["http://localhost"],
    log: createLog({ process: "test", level: "silent" }),
    authenticate: async ({ headers }) => actors.get(headers.authorization ?? ""),
    features: [
      {
        name: "sources",
        routes: (to) => {
          sourceRoutes(to, { sources })
          handoverRoutes(to, { ...staff, sources })
        },
      },
    ],
  })
})
afterAll(async () => {
  await app?.close()
  await staff?.app.close()
})

/** A signing key in memory. */
function newKey(): Signer & { readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const pem = publicPem(publicKey)
  const { keyId } = toVerifier(pem)
  return { keyId, publicKey: pem, sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)) }
}
type Key = ReturnType<typeof newKey>

function publicPem(key: KeyObject): string {
  return createPublicKey(key.export({ type: "spki", format: "pem" }))
    .export({ type: "spki", format: "pem" })
    .toString()
}

async function enrol(key = newKey()) {
  const body = { name: "lab", publicKey: key.publicKey, namesAccounts: false }
  const { source } = await sources.enrol(await boss.actor(), body)
  actors.set(source, {
    kind: "service",
    id: `key-of-${source}`,
    scopes: new Set(["findings:push"]),
    source,
    callsPerMinute: 1_200,
  })
  return { source, key }
}

const AT = "2026-06-01T12:00:00.000Z"
const handoverOf = (source: string, from: Signer, to: Key, by: Signer = to) =>
  signHandover({ source, publicKey: to.publicKey, at: AT }, SOURCE_HANDOVER, from, by)

async function call(as: string, method: "GET" | "POST", url: string, payload?: object) {
  const headers = { host: "localhost", authorization: as }
  const answer = await app.inject(compact({ method, url, headers, payload }))
  return { status: answer.statusCode, body: answer.json() }
}
const handOver = (source: string, document: object) => call(source, "POST", "/v1/source/handover", document)
const keyOf = async (source: string) => (await call(source, "GET", "/v1/source")).body.keyId
const alarmOf = async (source: string) =>
  (await staff.alarms.list(true)).find(({ code, subject }) => code === "old-key-used" && subject === source)
const attack = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, ({ run }) => run(sql, ...values))

describe("a source's key", () => {
  it("hands over to another one that accepts, again and again, and the log says so", async () => {
    const { source, key } = await enrol()
    const [second, third] = [newKey(), newKey()]
    expect(await handOver(source, handoverOf(source, key, second))).toMatchObject({
      status: 200,
      body: { source, keyId: second.keyId, replaces: key.keyId },
    })
    expect(await keyOf(source)).toBe(second.keyId)
    expect((await handOver(source, handoverOf(source, second, third))).status).toBe(200)
    expect(await keyOf(source)).toBe(third.keyId)
    expect(await eventsAbout(staff, source)).toEqual(["source.enrolled", "source.rotated", "source.rotated"])
    expect(await alarmOf(source)).toBeUndefined()
  })

  it("is handed over by both keys alone, for this very source, and by nobody who cannot push", async () => {
    const { source, key } = await enrol()
    const other = await enrol()
    const [next, third] = [newKey(), newKey()]
    const good = handoverOf(source, key, next)
    const bad: readonly (readonly [string, object])[] = [
      ["signature-wrong", handoverOf(source, third, next)],
      ["signature-wrong", handoverOf(source, key, next, third)],
      ["signature-wrong", handoverOf(source, key, next, key)],
      ["signature-wrong", handoverOf(source, key, key)],
      ["signature-wrong", { ...good, publicKey: third.publicKey }],
      ["signature-wrong", { ...good, at: "2026-06-01T12:00:01.000Z" }],
      ["signature-wrong", { ...good, accepted: good.signature }],
      ["signature-wrong", { ...handoverOf(source, key, { ...next, publicKey: "no key" }) }],
      ["other-source", handoverOf(other.source, key, next)],
    ]
    for (const [reason, document] of bad) {
      expect((await handOver(source, document)).body).toMatchObject({ type: "input_invalid", reason })
    }
    // Half of it: the old key alone says so.
    const half = signDocument({ format: SOURCE_HANDOVER.format, source, publicKey: next.publicKey, at: AT }, key)
    expect((await handOver(source, half)).status).toBe(400)
    expect((await handOver(source, { ...good, extra: 1 })).status).toBe(400)
    // With another source's key of the service.
    expect((await handOver(other.source, good)).body).toMatchObject({ reason: "signature-wrong" })
    expect((await call("nobody", "POST", "/v1/source/handover", good)).status).toBe(401)
    actors.set("screen", { kind: "service", id: "key-s", scopes: new Set(["screen"]), source, callsPerMinute: 1_200 })
    actors.set("administrator", await boss.actor())
    for (const as of ["screen", "administrator"]) expect((await handOver(as, good)).status).toBe(403)
    expect(await keyOf(source)).toBe(key.keyId)
    expect(await keyOf(other.source)).toBe(other.key.keyId)
    expect(await eventsAbout(staff, source)).toEqual(["source.enrolled"])
  })

  it("cannot go to a key that any source has or had, and a replaced key is never enrolled again", async () => {
    const [{ source, key }, other, ended] = [await enrol(), await enrol(), await enrol()]
    await sources.revoke(await boss.actor(), ended.source)
    const given = newKey()
    expect((await handOver(other.source, handoverOf(other.source, other.key, given))).status).toBe(200)
    for (const to of [given, other.key, ended.key]) {
      expect((await handOver(source, handoverOf(source, key, to))).body).toMatchObject({ type: "state_conflict" })
    }
    await expect(enrol(other.key)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await keyOf(source)).toBe(key.keyId)
    const next = newKey()
    await handOver(source, handoverOf(source, key, next))
    // Nor back to its own first one.
    expect((await handOver(source, handoverOf(source, next, key))).body).toMatchObject({ type: "state_conflict" })
  })

  it("that was replaced cannot hand over: a replayed handover is refused, and reported", async () => {
    const { source, key } = await enrol()
    const [next, stolen] = [newKey(), newKey()]
    const handover = handoverOf(source, key, next)
    await handOver(source, handover)
    for (const document of [handover, handoverOf(source, key, stolen)]) {
      expect((await handOver(source, document)).body).toMatchObject({ type: "input_invalid", reason: "key-replaced" })
    }
    expect(await alarmOf(source)).toMatchObject({ times: 2, data: { replacedBy: next.keyId, refused: true } })
    expect(await keyOf(source)).toBe(next.keyId)
  })

  it("goes to one of two keys that it is handed over to at once", async () => {
    const { source, key } = await enrol()
    const nexts = [newKey(), newKey()]
    const answers = await Promise.all(nexts.map((next) => handOver(source, handoverOf(source, key, next))))
    const taken = answers.findIndex(({ status }) => status === 200)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await keyOf(source)).toBe(nexts[taken]?.keyId)
    // The other one comes from a key that was given up, where it comes later.
    const types = (await eventsAbout(staff, source)).filter((type) => type !== "alarm.raised")
    expect(types).toEqual(["source.enrolled", "source.rotated"])
  })

  it("goes to one source of two that hand over to the same key at once", async () => {
    const [one, two] = [await enrol(), await enrol()]
    const next = newKey()
    const answers = await Promise.all(
      [one, two].map(({ source, key }) => handOver(source, handoverOf(source, key, next))),
    )
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409])
  })

  it("of a revoked source cannot be handed over", async () => {
    const { source, key } = await enrol()
    await sources.revoke(await boss.actor(), source)
    expect((await handOver(source, handoverOf(source, key, newKey()))).status).toBe(403)
  })
})

describe("somebody who writes to the database", () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "nl-handover-"))
    await createSigningKey(join(dir, "key.pem"))
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))
  const verify = async () =>
    verifyDatabase(db.database.kysely, { verifier: await openVerifier(publicKeyPath(join(dir, "key.pem"))) })

  it("cannot restore an older key: the earlier row is refused at its use and named by the check", async () => {
    const { source, key } = await enrol()
    const [before] = await attack("SELECT * FROM sources WHERE source_id = $1", source)
    const next = newKey()
    await handOver(source, handoverOf(source, key, next))
    expect(await verify()).toMatchObject({ ok: true })
    const [after] = await attack("SELECT * FROM sources WHERE source_id = $1", source)
    const put = async (row: unknown) => {
      await attack("DELETE FROM sources WHERE source_id = $1", source)
      await attack("INSERT INTO sources SELECT * FROM json_populate_record(NULL::sources, $1)", JSON.stringify(row))
    }
    await put(before)
    expect((await call(source, "GET", "/v1/source")).status).toBe(403)
    expect((await handOver(source, handoverOf(source, key, newKey()))).status).toBe(403)
    expect(await verify()).toMatchObject({ ok: false, row: { table: "sources", id: source, what: "owner" } })
    await put(after)
    expect(await verify()).toMatchObject({ ok: true })
    // Another key written into the row is none that the service sealed.
    await attack(
      "UPDATE sources SET public_key = $1, key_id = $2 WHERE source_id = $3",
      key.publicKey,
      key.keyId,
      source,
    )
    expect((await call(source, "GET", "/v1/source")).status).toBe(403)
    expect(await verify()).toMatchObject({ ok: false, row: { table: "sources", id: source, what: "unsealed" } })
    await put(after)
  })

  it("and restores a database from before the rotation finds the source ended: its old key is useless", async () => {
    const { source } = await enrol()
    const unknown = newKey()
    await transact(staff, "system-restore", async (step) => {
      expect(await sources.revokeUnlessIn(step, source, unknown.keyId)).toBe(true)
    })
    expect(await sources.isLive(source)).toBe(false)
    const known = await enrol()
    await transact(staff, "system-restore", async (step) => {
      expect(await sources.revokeUnlessIn(step, known.source, known.key.keyId)).toBe(false)
    })
    expect(await sources.isLive(known.source)).toBe(true)
  })
})
