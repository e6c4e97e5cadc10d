/**
 * A server that was taken over, with all that its account holds where the custodian has a user of its own: the context
 * key, the database as the application's role, the custodian's socket. What it gets, and what it does not, is what
 * docs/security-model.md says.
 */
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import {
  type AutomaticFilingGrant,
  createPersonKey,
  createViewerKey,
  documentDigest,
  enrolmentProof,
  type FilingAuthorisation,
  openViewing,
  proveFilingAuthorisation,
  type ViewingAnswer,
} from "@nightlight/contract/custodian"
import { startSimulatorProcess } from "@nightlight/cybertipline/simulator"
import { destroyGrant, discloseGrant } from "@nightlight/dev-env/custodian/destruction"
import {
  accepted,
  CREDENTIALS,
  filer,
  filingGrant,
  giveCredentials,
  templateOf,
} from "@nightlight/dev-env/custodian/filing"
import { type SealedItem, sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { enrol, get, makePerson, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, refusalsOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { openVerifier, publicKeyPath, sealedPath } from "@nightlight/vault"
import { chainAuditEvent, parseAuditLine, readCheckpoints, toAuditLine } from "@nightlight/vault/audit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { custodianLayout } from "../../../custodian/src/index.ts"
import { verifyDatabase } from "../../src/oversight/audit/verify-database.ts"
import { openCustodianClient } from "../../src/platform/custodian/client.ts"
import { makeCheckpoint } from "../../src/platform/events/checkpoint.ts"
import { sealEvent } from "../../src/platform/events/event-seal.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog } from "../support/app.ts"
import { asSuperuser } from "../support/superuser.ts"

const db = useDatabase()
const DETAILS = { fileViewedByEsp: false, exifViewedByEsp: false } as const
const REPORT = {
  incidentSummary: {
    incidentType: "Child Pornography (possession, manufacture, and distribution)",
    incidentDateTime: "2026-01-02T03:04:05Z",
  },
  reporter: { reportingPerson: { email: [{ value: "role@esp.example" }] } },
}

let tipline: Awaited<ReturnType<typeof startSimulatorProcess>>
beforeAll(async () => {
  tipline = await startSimulatorProcess({ credentials: CREDENTIALS, environment: "production", adminToken: "admin" })
})
afterAll(() => tipline.stop())

/** A custodian that files to production, people whom it knows, and one sealed picture. */
async function makeInstallation() {
  const lists = await tempDir()
  const production = { enabled: true, baseUrl: tipline.baseUrl }
  const site = await serveSite({ config: { lists, hosts: { production, answerMs: 20_000 } } })
  await giveCredentials(site, "production")
  const { socket } = site
  const rob = await enrol(socket, "rob", ["reporter"])
  const cora = await enrol(socket, "cora", ["counsel"])
  const rita = await enrol(socket, "rita", ["senior-reviewer"])
  for (const [id, role] of [
    ["kim", "custodian"],
    ["sue", "reviewer"],
  ] as const) {
    await enrol(socket, id, [role])
  }
  const content = await picture(1)
  const item = await site.seal({ evidenceId: "item-1", content })
  const isThere = (evidenceId: string) =>
    readFile(sealedPath(site.evidence, evidenceId)).then(
      () => true,
      () => false,
    )
  const countReports = async () => (await tipline.admin.state()).reports.length
  const before = await countReports()
  /** How many reports were opened with NCMEC since. */
  const filed = async () => (await countReports()) - before
  return { ...site, lists, rob, cora, rita, content, item, isThere, filed }
}

describe("a server that was taken over", () => {
  it("opens, destroys, discloses and files nothing with people's names and keys of its own", async () => {
    const installation = await makeInstallation()
    const { socket, item } = installation
    const [rob, cora, rita, kim, sue] = [
      await makePerson("rob"),
      await makePerson("cora"),
      await makePerson("rita"),
      await makePerson("kim"),
      await makePerson("sue"),
    ]
    const production = { environment: "production" } as const
    const files = [{ evidence: item, details: DETAILS }]
    const small = await viewingGrant(rita, item)
    const whole = await viewingGrant(rita, item, { purpose: "original" })
    const asked = [
      await post(socket, "/v1/viewings", await prove(small.grant, rita)),
      await post(socket, "/v1/viewings", await prove(whole.grant, rita, sue)),
      await post(socket, "/v1/destructions", { proven: await destroyGrant([cora, kim], [item]) }),
      await post(socket, "/v1/disclosures", await discloseGrant([cora, kim], [item])),
      await filer(() => socket, await filingGrant([rob, cora], { files, ...production })).open(),
      await filer(() => socket, await filingGrant([rob], { files, ...production })).open(),
    ]
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 403))
    expect(await refusalsOf(installation.dir)).toEqual([
      "signature-wrong",
      "signature-wrong",
      "signature-wrong",
      "signature-wrong",
      "signature-wrong",
      "one-person",
    ])
    expect(await journalOf(installation.dir, "grant.used")).toEqual([])
    expect(await installation.isThere("item-1")).toBe(true)
    expect(await installation.filed()).toBe(0)
  })

  it("passes on what a person proved, and can neither read the answer, change the grant nor use it twice", async () => {
    const { socket, rita, item, rob, cora, filed, dir } = await makeInstallation()
    const own = await createViewerKey()
    const { grant, viewer } = await viewingGrant(rita, item)
    const proven = await prove(grant, rita)
    const changed = { ...proven, grant: { ...grant, viewerKey: own.publicKey } }
    expect(await post(socket, "/v1/viewings", changed)).toMatchObject({ body: { reason: "signature-wrong" } })
    const answer = (await post(socket, "/v1/viewings", proven)).body as ViewingAnswer
    await expect(openViewing(answer, own, grant.grantId)).rejects.toThrow()
    expect((await openViewing(answer, viewer, grant.grantId)).length).toBeGreaterThan(0)
    expect(await post(socket, "/v1/viewings", proven)).toMatchObject({ body: { reason: "replayed" } })
    const files = [{ evidence: item, details: DETAILS }]
    const filing = await filingGrant([rob, cora], { files, document: REPORT, environment: "production" })
    const other = { ...REPORT, additionalInfo: "somebody else did it" }
    expect(await filer(() => socket, filing).open(1, other)).toMatchObject({ body: { reason: "other-document" } })
    expect(await filed()).toBe(0)
    expect(await journalOf(dir, "grant.used")).toHaveLength(1)
  })

  it("gets digests, fingerprint and context of evidence without a person, and none of its bytes", async () => {
    const { socket, item, content, dir } = await makeInstallation()
    const { status, body } = await post(socket, "/v1/intake", { evidence: item, findingId: "finding-item-1" })
    expect(status).toBe(200)
    expect(body).toMatchObject({ opens: true, fingerprint: { sha256: sha256(content) }, context: expect.anything() })
    expect(JSON.stringify(body).length).toBeLessThan(4_000)
    expect(await journalOf(dir, "intake.opened")).toHaveLength(1)
  })

  it("has destroyed as cleared what was never filed, under a receipt without people, and nothing that was", async () => {
    const installation = await makeInstallation()
    const { socket, item, rob, cora } = installation
    const filing = await filingGrant([rob, cora], {
      files: [{ evidence: item, details: DETAILS }],
      document: REPORT,
      environment: "production",
    })
    const report = filer(() => socket, filing)
    accepted(await report.open(1, REPORT))
    const { fileId = "" } = accepted(await report.upload("item-1"))
    accepted(await report.describe("item-1", { fileId, details: DETAILS }))
    accepted(await report.finish())
    const clear = (evidence: SealedItem) =>
      post(socket, "/v1/destructions", {
        cleared: {
          orderId: `certificate-${evidence.evidenceId}`,
          caseId: "case-1",
          basis: "cleared",
          evidence: [evidence],
        },
      })
    expect(await clear(item)).toMatchObject({ body: { reason: "filed-within-year" } })
    const unfiled = await installation.seal({ evidenceId: "item-2", content: await picture(2) })
    expect(await clear(unfiled)).toMatchObject({ status: 200, body: { basis: "cleared", people: [] } })
    expect([await installation.isThere("item-1"), await installation.isThere("item-2")]).toEqual([true, false])
    expect(await journalOf(installation.dir, "clearing.ordered")).toMatchObject([{ actor: "server" }])
  })

  it("enrols nobody, unlocks nothing and has no key rewrapped without passphrase or one-time code", async () => {
    const { socket, dir } = await makeInstallation()
    const before = (await get(socket, "/v1/enrolments")).body
    const key = await createPersonKey()
    const complete = async (person: string, code: string) =>
      post(socket, "/v1/enrolments/complete", {
        person,
        publicKey: key.publicKey,
        proof: await enrolmentProof(code, person, key.publicKey),
      })
    const passphrase = "a guess of a test"
    for (const attempt of [
      await post(socket, "/v1/enrolments", { passphrase, person: "mallory", roles: ["reporter"] }),
      await post(socket, "/v1/enrolments/revoke", { passphrase, person: "cora" }),
      await post(socket, "/v1/unlock", { passphrase, acceptConfig: true }),
      await complete("mallory", "AAAA-AAAA-AAAA-AAAA"),
      await complete("rob", "AAAA-AAAA-AAAA-AAAA"),
      await post(socket, "/v1/rewraps/header", { evidenceId: "item-1" }),
    ]) {
      expect(attempt.status).toBeGreaterThanOrEqual(400)
    }
    expect((await get(socket, "/v1/enrolments")).body).toEqual(before)
    expect(await journalOf(dir, "enrolment.completed")).toHaveLength(5)
  })

  it("files nothing by a filing authorisation but listed files, in signed words, and of those names account, addresses and times as it likes", async () => {
    const installation = await makeInstallation()
    const { socket, rob, cora, item, content } = installation
    const list = `sha256:${sha256(content)}\n`
    await writeFile(join(installation.lists, "known.hashes"), list)
    const now = Date.now()
    const authorisation: FilingAuthorisation = {
      format: "nightlight-filing-authorisation/1",
      authorisationId: "authorisation-1",
      environment: "production",
      lists: ["known"],
      snapshots: [{ list: "known", sha256: sha256(list) }],
      template: templateOf(REPORT),
      dailyCap: 1,
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 86_400_000).toISOString(),
      counsel: cora.id,
      reporter: rob.id,
    }
    const proofs = await Promise.all(
      [cora, rob].map(({ id, key }) => proveFilingAuthorisation(authorisation, id, key.privateKey)),
    )
    const more = { ...authorisation, dailyCap: 10_000 }
    expect(await post(socket, "/v1/filing-authorisations", { authorisation: more, proofs })).toMatchObject({
      body: { reason: "signature-wrong" },
    })
    expect(await post(socket, "/v1/filing-authorisations", { authorisation, proofs })).toMatchObject({ status: 200 })
    const file = async (evidence: SealedItem, document: object, reportId: string) => {
      const grant: AutomaticFilingGrant = {
        format: "nightlight-grant/1",
        grantId: `grant-${reportId}`,
        caseId: "case-1",
        reportId,
        issuedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + 3_600_000).toISOString(),
        purpose: "automatic-filing",
        environment: "production",
        documentSha256: await documentDigest(document as never),
        authorisationId: "authorisation-1",
        template: templateOf(REPORT),
        files: [{ ...evidence, detailsSha256: await documentDigest(DETAILS) }],
        lists: ["known"],
      }
      return filer(() => socket, { grant, proofs: [] }).open(1, document)
    }
    const reasonOf = async (answer: ReturnType<typeof file>) => ((await answer).body as { reason?: string }).reason
    const arbitrary = await installation.seal({ evidenceId: "item-2", content: await picture(2) })
    expect(await reasonOf(file(arbitrary, REPORT, "report-1"))).toBe("not-listed")
    const reporter = { reportingPerson: { email: [{ value: "other@esp.example" }] } }
    expect(await reasonOf(file(item, { ...REPORT, reporter }, "report-2"))).toBe("other-template")
    for (const [id, more] of Object.entries({
      text: { additionalInfo: "Somebody is guilty of this." },
      chat: { internetDetails: [{ chatImIncident: { content: "a chat that never was" } }] },
      service: { personOrUserReported: [{ espIdentifier: "account-1", espService: "Another" }] },
      prior: { personOrUserReported: [{ espIdentifier: "account-1", priorCTReports: ["999999"] }] },
      address: { personOrUserReported: [{ espIdentifier: "account-1", ipCaptureEvent: [{ ipAddress: "192.0.2.1" }] }] },
    })) {
      expect(await reasonOf(file(item, { ...REPORT, ...more }, `report-${id}`)), id).toBe("other-template")
    }
    // The server's word, as the documentation says.
    const accused = {
      ...REPORT,
      internetDetails: [{ webPageIncident: { url: ["https://site-of-anybody.example/"] } }],
      personOrUserReported: [{ espIdentifier: "account-of-anybody" }],
    }
    accepted(await file(item, accused, "report-3"))
    expect(await reasonOf(file(item, accused, "report-4"))).toBe("daily-cap")
    expect(await installation.filed()).toBe(1)
  })

  it("adds what it likes to the log, and rewrites nothing that was signed without being found out", async () => {
    const installation = await makeInstallation()
    const custodian = openCustodianClient(installation.socket)
    const { kysely } = db.database
    const clock = { now: () => new Date() }
    const log = createLog({ process: "test", destination: collectLog() })
    const sign = () => makeCheckpoint({ db: kysely, custodian, log })
    const happen = (subject: string) =>
      transact({ db: kysely, clock }, "person-1", async ({ record }) => record({ type: "case.claimed", subject }))
    await happen("case-true")
    await happen("case-false")
    const signed = await sign()
    expect(signed).toBeGreaterThanOrEqual(2)
    const layout = custodianLayout(installation.dir)
    const verifier = await openVerifier(publicKeyPath(layout.checkpointKey))
    const elsewhere = async () => (await readCheckpoints(layout.checkpoints, verifier)).checkpoints
    const verify = async () => verifyDatabase(kysely, { verifier, checkpoints: await elsewhere() })
    expect(await verify()).toMatchObject({ ok: true, presentThroughSeq: signed })

    // By its own role it changes nothing.
    await expect(kysely.deleteFrom("events").execute()).rejects.toMatchObject({ code: expect.anything() })
    // With the database's superuser as well, whose password lies in an embedded installation's folder, and the codes.
    const { line, seq } = await kysely
      .selectFrom("events")
      .select(["line", "seq"])
      .where("seq", "=", String(signed))
      .executeTakeFirstOrThrow()
    const parsed = parseAuditLine(Buffer.from(line))
    if (parsed.kind !== "event") throw new Error("expected an event")
    const { type, actor, data, at, prev } = parsed.event
    const forged = chainAuditEvent({ type, actor, data: { ...data, subject: "case-other" } }, at, {
      seq: Number(seq) - 1,
      hash: prev,
    })
    const after = await custodian.checkpointHead()
    for (const head of [
      { seq: forged.seq - 1, hash: prev },
      { seq: after.seq, hash: forged.hash },
    ]) {
      await expect(custodian.checkpoint({ after: head, lines: [toAuditLine(forged).trimEnd()] })).rejects.toThrow()
    }
    await asSuperuser(db, ({ run }) =>
      run(
        "UPDATE events SET line = $2, hash = $3, mac = $4 WHERE seq = $1",
        seq,
        toAuditLine(forged).trimEnd(),
        forged.hash,
        sealEvent(kysely, forged),
      ),
    )
    expect(await verify()).toMatchObject({ ok: false, problem: { code: "checkpoint_differs" } })
    await expect(
      sign()
        .then(() => happen("case-next"))
        .then(sign),
    ).rejects.toMatchObject({ code: "audit_chain_broken" })
  })
})
