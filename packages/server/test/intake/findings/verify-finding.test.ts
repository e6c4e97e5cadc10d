import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  type ItemChoices,
  makePusher,
  makeSite,
  type Pusher,
  picture,
  policy,
  type Sealed,
  type Site,
} from "@nightlight/dev-env/server/intake-site"
import { testCardPng } from "@nightlight/screening"
import { generateIdentity, recipientOf } from "@nightlight/vault"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKnownFalsePositives } from "../../../src/intake/false-positives/known-false-positives.ts"
import { verifyFinding } from "../../../src/intake/findings/verify-finding.ts"

const db = useDatabase()
let site: Site
let installation: Installation
let pusher: Pusher
let source: string
let key: string
let known: Uint8Array

beforeAll(async () => {
  site = await makeSite()
  known = await picture(1)
  await site.list(await site.recordsOf(known))
  installation = await makeInstallation(site, db)
  pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
  ;({ source, key } = await installation.enrol(pusher))
})
afterAll(async () => {
  await installation?.close()
  await pusher?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

/** Pushes an item with its sealed file and lets the worker run. */
async function bring(sealed: Sealed, by: { readonly pusher: Pusher; readonly source: string; readonly key: string }) {
  const { finding, row, ciphertext } = sealed
  await installation.push(by.key, by.pusher.line(by.source, finding))
  const uploaded = await installation.upload(by.key, row.evidenceId, ciphertext)
  await installation.work()
  return { uploaded, row: await rowOf(finding.id) }
}

async function pushed(choices: ItemChoices) {
  const sealed = await pusher.seal(choices)
  return { sealed, ...(await bring(sealed, { pusher, source, key })) }
}

const rowOf = async (finding: string) => {
  const row = (await installation.rows()).find(({ finding_id }) => finding_id === finding)
  if (row === undefined) throw new Error("expected a row of the finding")
  return row
}

const countCases = async () => {
  const { n } = await db.database.kysely
    .selectFrom("cases")
    .select(({ fn }) => fn.countAll<string>().as("n"))
    .executeTakeFirstOrThrow()
  return Number(n)
}

const codesOfAlarms = async () => (await installation.alarms.list(true)).map(({ code }) => code)

describe("verification of a pushed finding", () => {
  it("attaches an item that the custodian opened and our own lists match", async () => {
    const { sealed, row } = await pushed({ content: known })
    expect(row).toMatchObject({ state: "taken", code: null, test_only: false, document: null })
    const [caseItem] = await installation.cases.items(row.case_id as never)
    expect(caseItem).toMatchObject({ itemId: row.item_id })
    const taken = await installation.events({ type: "finding.verified", subject: sealed.finding.id })
    expect(taken.map(({ data }) => data)).toMatchObject([{ source, digests: "verified", testOnly: false }])
  })

  it("uses the claimed hashes if only the context was sealed, including those of turned copies", async () => {
    const upright = await pushed({ content: known, located: true })
    expect(upright.row).toMatchObject({ state: "taken" })
    const turned = new Uint8Array(await sharp(known).rotate(90).jpeg().toBuffer())
    const { picture: seen } = await site.fingerprint(turned)
    const pdq = seen?.views.map(({ dihedral, ...view }) => ({ ...view, dihedral }))
    const { row, sealed } = await pushed({ content: turned, located: true, provenance: { pdq } })
    expect(row).toMatchObject({ state: "taken" })
    const taken = await installation.events({ type: "finding.verified", subject: sealed.finding.id })
    expect(taken.map(({ data }) => data)).toMatchObject([{ digests: "claimed", decision: "review" }])
  })

  it("opens no case for a match that our own snapshot denies, until a list of ours has it", async () => {
    const cases = await countCases()
    const unknown = await picture(77)
    const { sealed, row } = await pushed({ content: unknown })
    expect(row).toMatchObject({ state: "denied", code: "match-denied", case_id: null })
    expect(await countCases()).toBe(cases)
    expect(await codesOfAlarms()).toContain("match-denied")
    expect((await installation.intake.list({ state: "denied" })).findings.map(({ finding }) => finding)).toContain(
      sealed.finding.id,
    )
    await installation.sweep()
    await installation.work()
    expect(await rowOf(sealed.finding.id)).toMatchObject({ state: "denied" })

    await site.list(await site.recordsOf(unknown), { name: "later" })
    site.clock.move(120_000)
    await installation.sweep()
    await installation.work()
    expect(await rowOf(sealed.finding.id)).toMatchObject({ state: "taken" })
  })

  it("refuses a finding whose context claims another digest than its content has", async () => {
    const cases = await countCases()
    const digests = { md5: "0".repeat(32), sha1: "0".repeat(40), sha256: "0".repeat(64) }
    const { sealed, row } = await pushed({ content: await picture(2), provenance: { digests } })
    expect(row).toMatchObject({ state: "refused", code: "content-differs", case_id: null })
    expect((await installation.events({ type: "finding.refused", subject: sealed.finding.id })).length).toBe(1)
    expect(await countCases()).toBe(cases)
    expect(await codesOfAlarms()).toContain("finding-refused")
  })

  it("refuses evidence that is sealed to other recipients, or to another finding, or is not what was sealed", async () => {
    const cases = await countCases()
    const manifest = {
      ...site.manifest,
      recipients: await Promise.all(
        site.manifest.recipients.map(async (entry) => ({
          ...entry,
          recipient: await recipientOf(await generateIdentity()),
        })),
      ),
    }
    await using stranger = await makePusher(manifest, site.clock, site.fingerprint)
    const enrolled = await installation.enrol(stranger)
    const foreign = await bring(await stranger.seal({ content: known }), { pusher: stranger, ...enrolled })
    expect(foreign).toMatchObject({ uploaded: { status: 200 }, row: { state: "refused", code: "wrong-recipient" } })

    const framed = await pushed({ content: known, provenance: { finding: "f".repeat(64) } })
    expect(framed.row).toMatchObject({ state: "refused", code: "other-finding" })

    const sealed = await pusher.seal({ content: known })
    const broken = Buffer.from(sealed.ciphertext)
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
    const { createHash } = await import("node:crypto")
    const ciphertextSha256 = createHash("sha256").update(broken).digest("hex")
    const evidence = { ...sealed.finding.evidence!, ciphertextSha256 }
    const damaged = await bring(
      { ...sealed, finding: { ...sealed.finding, evidence }, ciphertext: broken },
      { pusher, source, key },
    )
    expect(damaged.row).toMatchObject({ state: "refused", code: "unreadable" })
    expect(await countCases()).toBe(cases)
  })

  it("marks a test card as such, without masking a real match", async () => {
    const card = testCardPng(0)
    const alone = await pushed({ content: card })
    expect(alone.row).toMatchObject({ state: "taken", test_only: true })
    expect(await installation.cases.get(alone.row.case_id as never)).toMatchObject({ kind: "test" })

    await site.list(await site.recordsOf(card), { name: "also" })
    await installation.index.refresh()
    const beside = await pushed({ content: card })
    expect(beside.row).toMatchObject({ state: "taken", test_only: false })
    expect(await installation.cases.get(beside.row.case_id as never)).toMatchObject({ kind: "dataset" })
  })

  it("requests a missing sealed file again", async () => {
    const sealed = await pusher.seal({ content: known })
    const { finding, row, ciphertext } = sealed
    await installation.push(key, pusher.line(source, finding))
    await installation.upload(key, row.evidenceId, ciphertext)
    for (const end of ["age", "json"]) await rm(join(site.evidenceDir, `${row.evidenceId}.${end}`))
    await installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "waiting", code: "missing", evidence_at: null })
    const { body } = await installation.push(key, pusher.line(source, finding))
    expect(body.lines).toEqual([{ line: 1, status: "known", wants: row.ciphertextSha256 }])
    await installation.upload(key, row.evidenceId, ciphertext)
    await installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "taken" })
  })

  it("adds the content to the case when it arrives after the context", async () => {
    const content = await picture(1)
    const first = await pushed({ content, located: true })
    expect(first.row).toMatchObject({ state: "taken", content: false })
    const { finding } = first.sealed
    const { sha256: digest } = await site.fingerprint(content)
    const row = await pusher.store.put({
      evidenceId: finding.evidence!.id,
      provenance: { finding: finding.id },
      content,
      contentSha256: digest,
    })
    const ciphertext = await readFile(join(pusher.dir, "evidence", `${row.evidenceId}.age`))
    const evidence = { ...finding.evidence!, ciphertextSha256: row.ciphertextSha256, content: true }
    const again = await bring({ finding: { ...finding, evidence }, row, ciphertext }, { pusher, source, key })
    expect(again.row).toMatchObject({ state: "taken", content: true, case_id: first.row.case_id })
  })

  it("attaches a finding once when two workers run its job at the same time", async () => {
    const sealed = await pusher.seal({ content: known })
    await installation.push(key, pusher.line(source, sealed.finding))
    await installation.upload(key, sealed.row.evidenceId, sealed.ciphertext)
    const [job] = installation.queued
    installation.queued.push(job!)
    const [first, second] = installation.queued.splice(0)
    await Promise.all([installation.run(first!), installation.run(second!)])
    expect(await installation.events({ type: "finding.verified", subject: sealed.finding.id })).toHaveLength(1)
  })

  it("does not change a finding that another worker settled while the custodian did not answer this one", async () => {
    const sealed = await pusher.seal({ content: known })
    await installation.push(key, pusher.line(source, sealed.finding))
    await installation.upload(key, sealed.row.evidenceId, sealed.ciphertext)
    const { record_id } = await rowOf(sealed.finding.id)
    const slow = {
      intake: async () => {
        await installation.work()
        throw new DependencyError("timed_out", "none")
      },
    }
    const { deps, index, cases, alarms } = installation
    const knownFalsePositives = createKnownFalsePositives(deps)
    const none = new AbortController().signal
    await verifyFinding(
      { ...deps, custodian: slow, index, policy, cases, alarms, knownFalsePositives },
      record_id,
      none,
    )
    expect(await rowOf(sealed.finding.id)).toMatchObject({ state: "taken", code: null })
  })

  it("uses the later sealed file of a finding that arrived again while the earlier file was still on its way", async () => {
    const first = await pusher.seal({ content: known, located: true })
    const { finding } = first
    await installation.push(key, pusher.line(source, finding))
    const { sha256: contentSha256 } = await site.fingerprint(known)
    const provenance = { finding: finding.id }
    const row = await pusher.store.put({ evidenceId: first.row.evidenceId, provenance, content: known, contentSha256 })
    const ciphertext = await readFile(join(pusher.dir, "evidence", `${row.evidenceId}.age`))
    const evidence = { ...finding.evidence!, ciphertextSha256: row.ciphertextSha256, content: true }
    async function* slowly() {
      yield first.ciphertext.subarray(0, 40)
      await installation.push(key, pusher.line(source, { ...finding, evidence }))
      yield first.ciphertext.subarray(40)
    }
    await installation.intake.receiveEvidence(installation.actors.get(key)!, row.evidenceId, slowly())
    expect(await installation.upload(key, row.evidenceId, ciphertext)).toMatchObject({ status: 200 })
    await installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "taken", content: true })
  })

  it("accepts names that would break a database, a terminal or a page, and keeps them only sealed", async () => {
    const hostile = "\u0000\ud800<script>canary-name\u001b[2J"
    const names = { scan: hostile, shard: hostile, mediaType: hostile, kind: hostile, rule: hostile }
    const provenance = { dataset: hostile, sourceUrl: hostile, place: hostile, key: hostile }
    for (const located of [true, false]) {
      const { row } = await pushed({ content: known, located, provenance, finding: names })
      expect(row).toMatchObject({ state: "taken", notes: ["unusual-text"] })
    }
    const events = await installation.events({})
    expect(JSON.stringify(events)).not.toContain("canary-name")
    for (const table of ["received_findings", "case_items", "item_locations", "cases"] as const) {
      const rows = await db.database.kysely.selectFrom(table).selectAll().execute()
      expect(rows.length).toBeGreaterThan(0)
      expect(JSON.stringify(rows)).not.toContain("canary-name")
    }
  })

  it("keeps a finding without evidence counted, and out of every case", async () => {
    const cases = await countCases()
    const { evidence: _, ...finding } = (await pusher.seal({})).finding
    await installation.push(key, pusher.line(source, { ...finding, decision: "inconclusive", matches: [] }))
    await installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "kept" })
    expect(await countCases()).toBe(cases)
  })
})

describe("a custodian that is locked", () => {
  const ownDb = useDatabase()

  it("makes findings wait visibly, and nothing is lost when it is unlocked", async () => {
    await using locked = await makeSite({ locked: true })
    await locked.list(await locked.recordsOf(known))
    const own = await makeInstallation(locked, ownDb)
    await using sender = await makePusher(locked.manifest, locked.clock, locked.fingerprint)
    const enrolled = await own.enrol(sender)
    const { finding, row, ciphertext } = await sender.seal({ content: known })
    await own.push(enrolled.key, sender.line(enrolled.source, finding))
    await own.upload(enrolled.key, row.evidenceId, ciphertext)
    await own.work()
    expect((await own.intake.counts()).counts).toEqual([
      { source: enrolled.source, state: "waiting", code: "unavailable", findings: 1 },
    ])
    locked.clock.move(120_000)
    await own.sweep()
    expect(own.queued).toEqual([])

    await locked.unlockAgain()
    await own.sweep()
    await own.work()
    expect((await own.rows()).map(({ state }) => state)).toEqual(["taken"])
    await own.close()
  })

  it("attaches nothing while no index of the lists is live", async () => {
    await using bare = await makeSite()
    const own = await makeInstallation(bare, ownDb)
    await using sender = await makePusher(bare.manifest, bare.clock, bare.fingerprint)
    const enrolled = await own.enrol(sender)
    const { finding, row, ciphertext } = await sender.seal({ content: known })
    await own.push(enrolled.key, sender.line(enrolled.source, finding))
    await own.upload(enrolled.key, row.evidenceId, ciphertext)
    await own.work()
    expect(own.index.state()).toEqual({ screens: false, fault: "index_untrusted" })
    const mine = async () => (await own.rows()).find(({ finding_id }) => finding_id === finding.id)
    expect(await mine()).toMatchObject({ state: "waiting", code: "unavailable" })
    await bare.list(await bare.recordsOf(known))
    bare.clock.move(120_000)
    await own.sweep()
    await own.work()
    expect(await mine()).toMatchObject({ state: "taken" })
    await own.close()
  })
})
