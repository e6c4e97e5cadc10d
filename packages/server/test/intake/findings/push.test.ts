import { SOURCE_HANDOVER } from "@nightlight/contract/server"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { asKey, type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import { aFinding, makePusher, makeSite, type Pusher, type Site, sha256 } from "@nightlight/dev-env/server/intake-site"
import { signHandover } from "@nightlight/vault"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const db = useDatabase()
let site: Site
let installation: Installation
let pusher: Pusher
let source: string
let key: string

beforeAll(async () => {
  site = await makeSite()
  await site.list(await site.recordsOf())
  installation = await makeInstallation(site, db)
  pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
  ;({ source, key } = await installation.enrol(pusher))
})
afterAll(async () => {
  await installation?.close()
  await pusher?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

describe("a push of findings", () => {
  it("stores a signed finding once, however often it arrives", async () => {
    const line = pusher.line(source, aFinding({ scan: "s-000101" }))
    const first = await installation.push(key, line + line)
    expect(first).toMatchObject({ status: 200, body: { accepted: 1, known: 1, refused: 0 } })
    expect((await installation.push(key, line)).body).toMatchObject({ accepted: 0, known: 1 })
    const received = await installation.app.inject({ url: "/v1/findings/received?scan=s-000101", headers: asKey(key) })
    expect(received.json()).toEqual({ findings: [{ finding: expect.any(String), state: "kept" }] })
  })

  it("names the sealed file that it waits for, and stores it unchanged", async () => {
    const { finding, row, ciphertext } = await pusher.seal({ scan: "s-000102" })
    const line = pusher.line(source, finding)
    expect((await installation.push(key, line)).body.lines).toEqual([
      { line: 1, status: "accepted", wants: row.ciphertextSha256 },
    ])
    expect(await installation.upload(key, row.evidenceId, ciphertext)).toEqual({
      status: 200,
      body: { evidence: row.evidenceId, bytes: ciphertext.length },
    })
    expect((await installation.push(key, line)).body.lines).toEqual([{ line: 1, status: "known" }])
    expect(await installation.upload(key, row.evidenceId, ciphertext)).toMatchObject({ status: 200 })
    expect(installation.queued.splice(0)).toHaveLength(1)
  })

  it("refuses and reports what the source's old key signs after a handover, and accepts it from the new key", async () => {
    await using old = await makePusher(site.manifest, site.clock, site.fingerprint)
    await using next = await makePusher(site.manifest, site.clock, site.fingerprint)
    const own = await installation.enrol(old)
    const body = { source: own.source, publicKey: next.publicKey, at: site.clock.now().toISOString() }
    const taken = await installation.app.inject({
      method: "POST",
      url: "/v1/source/handover",
      headers: asKey(own.key),
      payload: signHandover(body, SOURCE_HANDOVER, old.signer, next.signer),
    })
    expect(taken.json()).toMatchObject({ keyId: next.signer.keyId, replaces: old.signer.keyId })
    const alarm = async () =>
      (await installation.alarms.list(true)).find(
        ({ code, subject }) => code === "old-key-used" && subject === own.source,
      )
    expect(await alarm()).toBeUndefined()
    const finding = aFinding({ scan: "s-000104" })
    const forged = { ...old.sign(own.source, finding), signature: "0".repeat(128) }
    const wrong = await installation.push(own.key, JSON.stringify(forged))
    expect(wrong.body.lines).toEqual([{ line: 1, status: "refused", code: "signature_wrong" }])
    expect(await alarm()).toBeUndefined()
    const late = await installation.push(own.key, old.line(own.source, finding))
    expect(late.body.lines).toEqual([{ line: 1, status: "refused", code: "key_replaced" }])
    expect(await alarm()).toMatchObject({ data: { replacedBy: next.signer.keyId, refused: true } })
    expect((await installation.push(own.key, next.line(own.source, finding))).body).toMatchObject({ accepted: 1 })
  })

  it("refuses, line by line, what is not signed by the calling source for this server", async () => {
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const finding = aFinding({ scan: "s-000103" })
    const good = pusher.sign(source, finding)
    const lines = [
      JSON.stringify({ ...good, signature: undefined }),
      JSON.stringify({ ...good, finding: { ...finding, decision: "clear" } }),
      JSON.stringify(other.sign(source, finding)),
      JSON.stringify(pusher.sign("source-00000000-0000-4000-8000-000000000000", finding)),
      JSON.stringify(pusher.sign(source, { ...finding, extra: 1 } as never)),
      "not json",
      `"${"x".repeat(1_100_000)}"`,
      "[".repeat(500_000),
      "",
      JSON.stringify(good),
    ]
    const { status, body } = await installation.push(key, lines.join("\n"))
    expect(status).toBe(200)
    expect(body).toMatchObject({ accepted: 1, refused: 8 })
    expect(body.lines.map(({ line, code }: { line: number; code?: string }) => [line, code])).toEqual([
      [1, "signature_wrong"],
      [2, "signature_wrong"],
      [3, "signature_wrong"],
      [4, "other_source"],
      [5, "malformed"],
      [6, "not_json"],
      [7, "line_too_long"],
      [8, "not_json"],
      [10, undefined],
    ])
  })

  it("raises an alarm when many lines are refused", async () => {
    await installation.push(key, "junk\n".repeat(25))
    const raised = (await installation.alarms.list(true)).filter(({ subject }) => subject === source)
    expect(raised).toMatchObject([{ code: "findings-refused", subject: source, data: { refused: 25 } }])
  })

  it("keeps what was stored when the stream is cut, and the next call brings the rest", async () => {
    const findings = Array.from({ length: 450 }, (_, ordinal) => aFinding({ scan: "s-000104", ordinal }))
    const lines = findings.map((finding) => pusher.line(source, finding))
    async function* cut() {
      yield Buffer.from(lines.slice(0, 300).join(""))
      throw new Error("socket hang up: canary-socket")
    }
    const actor = installation.actors.get(key)!
    const broken = installation.intake.push(actor, cut())
    await expect(broken).rejects.toMatchObject({
      code: "source_unreadable",
      message: expect.not.stringMatching(/canary/),
    })
    const before = await installation.intake.received(actor, { scan: "s-000104" })
    expect(before.findings).toHaveLength(200)
    expect((await installation.push(key, lines.join(""))).body).toMatchObject({ accepted: 250, known: 200, refused: 0 })
  })

  it("stores hostile text with a note and never drops a finding for it", async () => {
    const hostile = ["\u0000", "\ud800", "\ufffe", "a\r\nb", "=cmd|' /C calc'!A0", "\u001b[2J", "<script>", "]]>"]
    const findings = hostile.map((text) => aFinding({ scan: "s-000105", shard: text, rule: text, mediaType: text }))
    const { body } = await installation.push(key, findings.map((finding) => pusher.line(source, finding)).join(""))
    expect(body).toMatchObject({ accepted: hostile.length, refused: 0 })
    const rows = (await installation.rows()).filter((row) => findings.some(({ id }) => id === row.finding_id))
    expect(rows.map(({ notes }) => notes)).toEqual(hostile.map(() => ["unusual-text"]))
    const listed = await installation.intake.list({ state: "kept" })
    expect(listed.findings.some(({ notes }) => notes.includes("unusual-text"))).toBe(true)
  })

  it("stores no row for a key without a live source, and no evidence that no finding names", async () => {
    const unbound = installation.keyFor(undefined, "findings:push")
    expect((await installation.push(unbound, pusher.line(source, aFinding()))).status).toBe(403)
    expect((await installation.push(installation.keyFor(source, "screen"), "")).status).toBe(403)
    expect((await installation.push("key-nobody", "")).status).toBe(401)
    const stranger = await installation.upload(key, "e".repeat(64), Buffer.from("age-encryption.org/v1\n"))
    expect(stranger.status).toBe(404)
  })

  it("never shows a source's key another source's findings or evidence", async () => {
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const theirs = await installation.enrol(other)
    const { finding, row, ciphertext } = await pusher.seal({ scan: "s-000106" })
    await installation.push(key, pusher.line(source, finding))
    const received = await installation.app.inject({
      url: "/v1/findings/received?scan=s-000106",
      headers: asKey(theirs.key),
    })
    expect(received.json()).toEqual({ findings: [] })
    expect((await installation.upload(theirs.key, row.evidenceId, ciphertext)).status).toBe(404)
    expect((await installation.upload(key, row.evidenceId, ciphertext)).status).toBe(200)
    installation.queued.length = 0
  })

  it("refuses a sealed file of another digest, an unsealed one and one too large, and keeps nothing of them", async () => {
    const small = await makeInstallation(site, db, { maxEvidenceBytes: 10_000 })
    const theirs = small.keyFor(source, "findings:push")
    const { finding, row, ciphertext } = await pusher.seal({ scan: "s-000107" })
    await small.push(theirs, pusher.line(source, finding))
    expect(await small.upload(theirs, row.evidenceId, Buffer.concat([ciphertext, Buffer.from("x")]))).toMatchObject({
      status: 422,
      body: { type: "evidence_digest_mismatch" },
    })
    expect((await small.upload(theirs, row.evidenceId, Buffer.from("plain canary-content"))).status).toBe(400)
    expect((await small.upload(theirs, row.evidenceId, Buffer.concat([ciphertext, Buffer.alloc(20_000)]))).status).toBe(
      413,
    )
    expect(small.queued).toEqual([])
    expect((await small.upload(theirs, row.evidenceId, ciphertext)).status).toBe(200)
    await small.close()
  })

  it("lets a source's keys push nothing once it is revoked", async () => {
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const gone = await installation.enrol(other)
    const { aPerson } = await import("@nightlight/dev-env/server/cases")
    await installation.sources.revoke(aPerson("administrator"), gone.source)
    expect((await installation.push(gone.key, other.line(gone.source, aFinding()))).status).toBe(403)
    // The key can be enrolled again, as another source.
    expect((await installation.enrol(other)).source).not.toBe(gone.source)
  })

  it("refuses a second live source with the same key, and a malformed key", async () => {
    await expect(installation.enrol(pusher)).rejects.toMatchObject({ code: "state_conflict" })
    await expect(installation.enrol({ publicKey: "not a key" })).rejects.toMatchObject({ code: "key_malformed" })
  })

  it("holds 10,000 findings pushed twice as one row each", async () => {
    const lines = Array.from({ length: 10_000 }, (_, ordinal) =>
      pusher.line(source, aFinding({ id: sha256(`many ${ordinal}`), scan: "s-000108", ordinal })),
    )
    const both = await Promise.all([
      installation.push(key, lines.join("")),
      installation.push(key, lines.toReversed().join("")),
    ])
    expect(both.map(({ body }) => body.accepted + body.known)).toEqual([10_000, 10_000])
    expect(both.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(10_000)
    const { n } = await db.database.kysely
      .selectFrom("received_findings")
      .select(({ fn }) => fn.countAll<string>().as("n"))
      .where("scan_key", "=", site.digests.of("received-scan", `${source}\ns-000108`))
      .executeTakeFirstOrThrow()
    expect(n).toBe("10000")
    expect((await installation.push(key, `${lines.join("")}${lines[0]}`)).status).toBe(413)
  })
})
