import { SOURCE_HANDOVER } from "@nightlight/contract/server"
import { MINUTE_MS } from "@nightlight/core"
import { asKey, makeInstallation } from "@nightlight/dev-env/server/intake"
import { makeFinding, makePusher, sha256 } from "@nightlight/dev-env/server/intake-site"
import { signHandover } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { usePushingSource } from "../../support/pushing-source.ts"

const pushing = usePushingSource()

describe("pushing findings", () => {
  it("takes a signed finding once, however often it comes", async () => {
    const line = pushing.pusher.line(pushing.source, makeFinding({ scan: "s-000101" }))
    const first = await pushing.installation.push(pushing.key, line + line)
    expect(first).toMatchObject({ status: 200, body: { accepted: 1, known: 1, refused: 0 } })
    expect((await pushing.installation.push(pushing.key, line)).body).toMatchObject({ accepted: 0, known: 1 })
    const received = await pushing.installation.app.inject({
      url: "/v1/findings/received?scan=s-000101",
      headers: asKey(pushing.key),
    })
    expect(received.json()).toEqual({ findings: [{ finding: expect.any(String), state: "kept" }] })
  })

  it("says which sealed file it waits for, and takes it as it is", async () => {
    const { finding, row, ciphertext } = await pushing.pusher.seal({ scan: "s-000102" })
    const line = pushing.pusher.line(pushing.source, finding)
    expect((await pushing.installation.push(pushing.key, line)).body.lines).toEqual([
      { line: 1, status: "accepted", wants: row.ciphertextSha256 },
    ])
    expect(await pushing.installation.upload(pushing.key, row.evidenceId, ciphertext)).toEqual({
      status: 200,
      body: { evidence: row.evidenceId, bytes: ciphertext.length },
    })
    expect((await pushing.installation.push(pushing.key, line)).body.lines).toEqual([{ line: 1, status: "known" }])
    expect(await pushing.installation.upload(pushing.key, row.evidenceId, ciphertext)).toMatchObject({ status: 200 })
    expect(pushing.installation.queued.splice(0)).toHaveLength(1)
  })

  it("refuses what the source's key signs after it was handed over, reports it, and takes the same of the new key", async () => {
    await using old = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    await using next = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const own = await pushing.installation.enrol(old)
    const body = { source: own.source, publicKey: next.publicKey, at: pushing.site.clock.now().toISOString() }
    const taken = await pushing.installation.app.inject({
      method: "POST",
      url: "/v1/source/handover",
      headers: asKey(own.key),
      payload: signHandover(body, SOURCE_HANDOVER, old.signer, next.signer),
    })
    expect(taken.json()).toMatchObject({ keyId: next.signer.keyId, replaces: old.signer.keyId })
    const alarm = async () =>
      (await pushing.installation.alarms.list(true)).find(
        ({ code, subject }) => code === "old-key-used" && subject === own.source,
      )
    expect(await alarm()).toBeUndefined()
    const finding = makeFinding({ scan: "s-000104" })
    const forged = { ...old.sign(own.source, finding), signature: "0".repeat(128) }
    const wrong = await pushing.installation.push(own.key, JSON.stringify(forged))
    expect(wrong.body.lines).toEqual([{ line: 1, status: "refused", code: "signature_wrong" }])
    expect(await alarm()).toBeUndefined()
    const late = await pushing.installation.push(own.key, old.line(own.source, finding))
    expect(late.body.lines).toEqual([{ line: 1, status: "refused", code: "key_replaced" }])
    expect(await alarm()).toMatchObject({ data: { replacedBy: next.signer.keyId, refused: true } })
    expect((await pushing.installation.push(own.key, next.line(own.source, finding))).body).toMatchObject({
      accepted: 1,
    })
  })

  it("refuses, line by line, what is not signed by the calling source for this server", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const finding = makeFinding({ scan: "s-000103" })
    const good = pushing.pusher.sign(pushing.source, finding)
    const lines = [
      JSON.stringify({ ...good, signature: undefined }),
      JSON.stringify({ ...good, finding: { ...finding, decision: "clear" } }),
      JSON.stringify(other.sign(pushing.source, finding)),
      JSON.stringify(pushing.pusher.sign("source-00000000-0000-4000-8000-000000000000", finding)),
      JSON.stringify(pushing.pusher.sign(pushing.source, { ...finding, extra: 1 } as never)),
      "not json",
      `"${"x".repeat(1_100_000)}"`,
      "[".repeat(500_000),
      "",
      JSON.stringify(good),
    ]
    const { status, body } = await pushing.installation.push(pushing.key, lines.join("\n"))
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
    await pushing.installation.push(pushing.key, "junk\n".repeat(25))
    const raised = (await pushing.installation.alarms.list(true)).filter(({ subject }) => subject === pushing.source)
    expect(raised).toMatchObject([{ code: "findings-refused", subject: pushing.source, data: { refused: 25 } }])
  })

  it("keeps what was stored when the stream is cut, and the next call brings the rest", async () => {
    const findings = Array.from({ length: 450 }, (_, ordinal) => makeFinding({ scan: "s-000104", ordinal }))
    const lines = findings.map((finding) => pushing.pusher.line(pushing.source, finding))
    async function* cut() {
      yield Buffer.from(lines.slice(0, 300).join(""))
      throw new Error("socket hang up: canary-socket")
    }
    const actor = pushing.installation.actors.get(pushing.key)!
    const broken = pushing.installation.intake.push(actor, cut())
    await expect(broken).rejects.toMatchObject({
      code: "source_unreadable",
      message: expect.not.stringMatching(/canary/),
    })
    const before = await pushing.installation.intake.received(actor, { scan: "s-000104" })
    expect(before.findings).toHaveLength(200)
    expect((await pushing.installation.push(pushing.key, lines.join(""))).body).toMatchObject({
      accepted: 250,
      known: 200,
      refused: 0,
    })
  })

  it("stores hostile text with a note and never drops a finding for it", async () => {
    const hostile = ["\u0000", "\ud800", "\ufffe", "a\r\nb", "=cmd|' /C calc'!A0", "\u001b[2J", "<script>", "]]>"]
    const findings = hostile.map((text) => makeFinding({ scan: "s-000105", shard: text, rule: text, mediaType: text }))
    const { body } = await pushing.installation.push(
      pushing.key,
      findings.map((finding) => pushing.pusher.line(pushing.source, finding)).join(""),
    )
    expect(body).toMatchObject({ accepted: hostile.length, refused: 0 })
    const rows = (await pushing.installation.rows()).filter((row) => findings.some(({ id }) => id === row.finding_id))
    expect(rows.map(({ notes }) => notes)).toEqual(hostile.map(() => ["unusual-text"]))
    const listed = await pushing.installation.intake.list({ state: "kept" })
    expect(listed.findings.some(({ notes }) => notes.includes("unusual-text"))).toBe(true)
  })

  it("stores no row for a key without a live source, and takes no evidence that no finding names", async () => {
    const unbound = pushing.installation.keyFor(undefined, "findings:push")
    expect((await pushing.installation.push(unbound, pushing.pusher.line(pushing.source, makeFinding()))).status).toBe(
      403,
    )
    expect((await pushing.installation.push(pushing.installation.keyFor(pushing.source, "screen"), "")).status).toBe(
      403,
    )
    expect((await pushing.installation.push("key-nobody", "")).status).toBe(401)
    const stranger = await pushing.installation.upload(
      pushing.key,
      "e".repeat(64),
      Buffer.from("age-encryption.org/v1\n"),
    )
    expect(stranger.status).toBe(404)
  })

  it("gives a source's key no sight of another source's findings or evidence", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const theirs = await pushing.installation.enrol(other)
    const { finding, row, ciphertext } = await pushing.pusher.seal({ scan: "s-000106" })
    await pushing.installation.push(pushing.key, pushing.pusher.line(pushing.source, finding))
    const received = await pushing.installation.app.inject({
      url: "/v1/findings/received?scan=s-000106",
      headers: asKey(theirs.key),
    })
    expect(received.json()).toEqual({ findings: [] })
    expect((await pushing.installation.upload(theirs.key, row.evidenceId, ciphertext)).status).toBe(404)
    expect((await pushing.installation.upload(pushing.key, row.evidenceId, ciphertext)).status).toBe(200)
    pushing.installation.queued.length = 0
  })

  it("refuses a sealed file of another digest, an unsealed one and one too large, and keeps nothing of them", async () => {
    const small = await makeInstallation(pushing.site, pushing.db, { maxEvidenceBytes: 10_000 })
    const theirs = small.keyFor(pushing.source, "findings:push")
    const { finding, row, ciphertext } = await pushing.pusher.seal({ scan: "s-000107" })
    await small.push(theirs, pushing.pusher.line(pushing.source, finding))
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
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const gone = await pushing.installation.enrol(other)
    const { aPerson } = await import("@nightlight/dev-env/server/cases")
    await pushing.installation.sources.revoke(aPerson("administrator"), gone.source)
    expect((await pushing.installation.push(gone.key, other.line(gone.source, makeFinding()))).status).toBe(403)
    // The key can be enrolled again, as another source.
    expect((await pushing.installation.enrol(other)).source).not.toBe(gone.source)
  })

  it("refuses a second live source with the same key, and a key that is none", async () => {
    await expect(pushing.installation.enrol(pushing.pusher)).rejects.toMatchObject({ code: "state_conflict" })
    await expect(pushing.installation.enrol({ publicKey: "not a key" })).rejects.toMatchObject({
      code: "key_malformed",
    })
  })

  it("holds 10,000 findings pushed twice as one row each", { timeout: 3 * MINUTE_MS }, async () => {
    const lines = Array.from({ length: 10_000 }, (_, ordinal) =>
      pushing.pusher.line(pushing.source, makeFinding({ id: sha256(`many ${ordinal}`), scan: "s-000108", ordinal })),
    )
    const both = await Promise.all([
      pushing.installation.push(pushing.key, lines.join("")),
      pushing.installation.push(pushing.key, lines.toReversed().join("")),
    ])
    expect(both.map(({ body }) => body.accepted + body.known)).toEqual([10_000, 10_000])
    expect(both.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(10_000)
    const { n } = await pushing.db.database.kysely
      .selectFrom("received_findings")
      .select(({ fn }) => fn.countAll<string>().as("n"))
      .where("scan_key", "=", pushing.site.digests.of("received-scan", `${pushing.source}\ns-000108`))
      .executeTakeFirstOrThrow()
    expect(n).toBe("10000")
    expect((await pushing.installation.push(pushing.key, `${lines.join("")}${lines[0]}`)).status).toBe(413)
  })
})
