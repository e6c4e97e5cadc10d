import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError, MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  type FindingOverrides,
  makeIntakeSite,
  makePusher,
  type Pusher,
  picture,
  policy,
  type Sealed,
} from "@nightlight/dev-env/server/intake-site"
import { testCardPng } from "@nightlight/screening"
import { generateIdentity, recipientOf, sealedPath } from "@nightlight/vault"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { createKnownFalsePositives } from "../../../src/intake/false-positives/known-false-positives.ts"
import { verifyFinding } from "../../../src/intake/findings/verify-finding.ts"
import { usePushingSource } from "../../support/pushing-source.ts"

const pushing = usePushingSource()

interface Sender {
  readonly pusher: Pusher
  readonly source: string
  readonly key: string
}

/** Pushes an item with its sealed file and lets the worker run. */
async function bring(sealed: Sealed, by: Sender, installation = pushing.installation) {
  const { finding, row, ciphertext } = sealed
  await installation.push(by.key, by.pusher.line(by.source, finding))
  const uploaded = await installation.upload(by.key, row.evidenceId, ciphertext)
  await installation.work()
  return { uploaded, row: await rowOf(finding.id, installation) }
}

async function pushed(choices: FindingOverrides) {
  const sealed = await pushing.pusher.seal(choices)
  return { sealed, ...(await bring(sealed, { pusher: pushing.pusher, source: pushing.source, key: pushing.key })) }
}

const rowOf = async (finding: string, installation = pushing.installation) => {
  const row = (await installation.rows()).find(({ finding_id }) => finding_id === finding)
  if (row === undefined) throw new Error("expected a row of the finding")
  return row
}

const countCases = async () => {
  const { n } = await pushing.db.database.kysely
    .selectFrom("cases")
    .select(({ fn }) => fn.countAll<string>().as("n"))
    .executeTakeFirstOrThrow()
  return Number(n)
}

const codesOfAlarms = async () => (await pushing.installation.alarms.list(true)).map(({ code }) => code)

describe("verifying a pushed finding", () => {
  it("puts what the custodian opened, and our own lists match, into a case", async () => {
    const { sealed, row } = await pushed({ content: pushing.known })
    expect(row).toMatchObject({ state: "verified", code: null, test_only: false, document: null })
    const [caseItem] = await pushing.installation.cases.items(row.case_id as never)
    expect(caseItem).toMatchObject({ itemId: row.item_id })
    const verified = await pushing.installation.events({ type: "finding.verified", subject: sealed.finding.id })
    expect(verified.map(({ data }) => data)).toMatchObject([
      { source: pushing.source, digests: "verified", testOnly: false },
    ])
  })

  it("takes the claimed hashes where the context alone was sealed, turned copies included", async () => {
    const upright = await pushed({ content: pushing.known, located: true })
    expect(upright.row).toMatchObject({ state: "verified" })
    const turned = new Uint8Array(await sharp(pushing.known).rotate(90).jpeg().toBuffer())
    const { picture: seen } = await pushing.site.fingerprint(turned)
    const pdq = seen?.views.map(({ dihedral, ...view }) => ({ ...view, dihedral }))
    const { row, sealed } = await pushed({ content: turned, located: true, provenance: { pdq } })
    expect(row).toMatchObject({ state: "verified" })
    const verified = await pushing.installation.events({ type: "finding.verified", subject: sealed.finding.id })
    expect(verified.map(({ data }) => data)).toMatchObject([{ digests: "claimed", decision: "review" }])
  })

  it("opens no case for a match that our own snapshot denies, until a list of ours has it", async () => {
    const cases = await countCases()
    const unknown = await picture(77)
    const { sealed, row } = await pushed({ content: unknown })
    expect(row).toMatchObject({ state: "denied", code: "match-denied", case_id: null })
    expect(await countCases()).toBe(cases)
    expect(await codesOfAlarms()).toContain("match-denied")
    expect(
      (await pushing.installation.intake.list({ state: "denied" })).findings.map(({ finding }) => finding),
    ).toContain(sealed.finding.id)
    await pushing.installation.sweep()
    await pushing.installation.work()
    expect(await rowOf(sealed.finding.id)).toMatchObject({ state: "denied" })

    await pushing.site.importListOf(await pushing.site.recordsOf(unknown), { name: "later" })
    pushing.site.clock.move(120_000)
    await pushing.installation.sweep()
    await pushing.installation.work()
    expect(await rowOf(sealed.finding.id)).toMatchObject({ state: "verified" })
  })

  it("refuses a finding whose context claims another digest than its content has", async () => {
    const cases = await countCases()
    const digests = { md5: "0".repeat(32), sha1: "0".repeat(40), sha256: "0".repeat(64) }
    const { sealed, row } = await pushed({ content: await picture(2), provenance: { digests } })
    expect(row).toMatchObject({ state: "refused", code: "content-differs", case_id: null })
    expect((await pushing.installation.events({ type: "finding.refused", subject: sealed.finding.id })).length).toBe(1)
    expect(await countCases()).toBe(cases)
    expect(await codesOfAlarms()).toContain("finding-refused")
  })

  it("refuses evidence that is sealed to other recipients, or to another finding, or is not what was sealed", async () => {
    const cases = await countCases()
    const manifest = {
      ...pushing.site.manifest,
      recipients: await Promise.all(
        pushing.site.manifest.recipients.map(async (entry) => ({
          ...entry,
          recipient: await recipientOf(await generateIdentity()),
        })),
      ),
    }
    await using stranger = await makePusher(manifest, pushing.site.clock, pushing.site.fingerprint)
    const enrolled = await pushing.installation.enrol(stranger)
    const foreign = await bring(await stranger.seal({ content: pushing.known }), { pusher: stranger, ...enrolled })
    expect(foreign).toMatchObject({ uploaded: { status: 200 }, row: { state: "refused", code: "wrong-recipient" } })

    const framed = await pushed({ content: pushing.known, provenance: { finding: "f".repeat(64) } })
    expect(framed.row).toMatchObject({ state: "refused", code: "other-finding" })

    const sealed = await pushing.pusher.seal({ content: pushing.known })
    const broken = Buffer.from(sealed.ciphertext)
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
    const { createHash } = await import("node:crypto")
    const ciphertextSha256 = createHash("sha256").update(broken).digest("hex")
    const evidence = { ...sealed.finding.evidence!, ciphertextSha256 }
    const damaged = await bring(
      { ...sealed, finding: { ...sealed.finding, evidence }, ciphertext: broken },
      { pusher: pushing.pusher, source: pushing.source, key: pushing.key },
    )
    expect(damaged.row).toMatchObject({ state: "refused", code: "unreadable" })
    expect(await countCases()).toBe(cases)
  })

  it("marks a test card as such, without masking a real match", async () => {
    const card = testCardPng(0)
    const alone = await pushed({ content: card })
    expect(alone.row).toMatchObject({ state: "verified", test_only: true })
    expect(await pushing.installation.cases.get(alone.row.case_id as never)).toMatchObject({ kind: "test" })

    await pushing.site.importListOf(await pushing.site.recordsOf(card), { name: "also" })
    await pushing.installation.index.refresh()
    const beside = await pushed({ content: card })
    expect(beside.row).toMatchObject({ state: "verified", test_only: false })
    expect(await pushing.installation.cases.get(beside.row.case_id as never)).toMatchObject({ kind: "dataset" })
  })

  it("asks for a sealed file again that is gone", async () => {
    const sealed = await pushing.pusher.seal({ content: pushing.known })
    const { finding, row, ciphertext } = sealed
    await pushing.installation.push(pushing.key, pushing.pusher.line(pushing.source, finding))
    await pushing.installation.upload(pushing.key, row.evidenceId, ciphertext)
    const file = sealedPath(pushing.site.evidenceDir, row.evidenceId)
    for (const path of [file, file.replace(/age$/, "json")]) await rm(path)
    await pushing.installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "waiting", code: "missing", evidence_at: null })
    const { body } = await pushing.installation.push(pushing.key, pushing.pusher.line(pushing.source, finding))
    expect(body.lines).toEqual([{ line: 1, status: "known", wants: row.ciphertextSha256 }])
    await pushing.installation.upload(pushing.key, row.evidenceId, ciphertext)
    await pushing.installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "verified" })
  })

  it("adds the content to the case when it arrives after the context", async () => {
    const content = await picture(1)
    const first = await pushed({ content, located: true })
    expect(first.row).toMatchObject({ state: "verified", content: false })
    const { finding } = first.sealed
    const { sha256: digest } = await pushing.site.fingerprint(content)
    const row = await pushing.pusher.store.put({
      evidenceId: finding.evidence!.id,
      provenance: { finding: finding.id },
      content,
      contentSha256: digest,
    })
    const ciphertext = await readFile(sealedPath(join(pushing.pusher.dir, "evidence"), row.evidenceId))
    const evidence = { ...finding.evidence!, ciphertextSha256: row.ciphertextSha256, content: true }
    const again = await bring(
      { finding: { ...finding, evidence }, row, ciphertext },
      { pusher: pushing.pusher, source: pushing.source, key: pushing.key },
    )
    expect(again.row).toMatchObject({ state: "verified", content: true, case_id: first.row.case_id })
  })

  it("takes a finding in once when two workers run its job at the same time", async () => {
    const sealed = await pushing.pusher.seal({ content: pushing.known })
    await pushing.installation.push(pushing.key, pushing.pusher.line(pushing.source, sealed.finding))
    await pushing.installation.upload(pushing.key, sealed.row.evidenceId, sealed.ciphertext)
    const [job] = pushing.installation.queued
    pushing.installation.queued.push(job!)
    const [first, second] = pushing.installation.queued.splice(0)
    await Promise.all([pushing.installation.run(first!), pushing.installation.run(second!)])
    expect(await pushing.installation.events({ type: "finding.verified", subject: sealed.finding.id })).toHaveLength(1)
  })

  it("leaves a finding as it stands that another worker settled while this one's custodian did not answer", async () => {
    const sealed = await pushing.pusher.seal({ content: pushing.known })
    await pushing.installation.push(pushing.key, pushing.pusher.line(pushing.source, sealed.finding))
    await pushing.installation.upload(pushing.key, sealed.row.evidenceId, sealed.ciphertext)
    const { record_id } = await rowOf(sealed.finding.id)
    const slow = {
      intake: async () => {
        await pushing.installation.work()
        throw new DependencyError("timed_out", "none")
      },
    }
    const { deps, index, cases, alarms } = pushing.installation
    const knownFalsePositives = createKnownFalsePositives(deps)
    const none = new AbortController().signal
    await verifyFinding(
      { ...deps, custodian: slow, index, policy, cases, alarms, knownFalsePositives },
      record_id,
      none,
    )
    expect(await rowOf(sealed.finding.id)).toMatchObject({ state: "verified", code: null })
  })

  it("takes the sealed file that a finding came again with while the one before was still on its way", async () => {
    const first = await pushing.pusher.seal({ content: pushing.known, located: true })
    const { finding } = first
    await pushing.installation.push(pushing.key, pushing.pusher.line(pushing.source, finding))
    const { sha256: contentSha256 } = await pushing.site.fingerprint(pushing.known)
    const provenance = { finding: finding.id }
    const row = await pushing.pusher.store.put({
      evidenceId: first.row.evidenceId,
      provenance,
      content: pushing.known,
      contentSha256,
    })
    const ciphertext = await readFile(sealedPath(join(pushing.pusher.dir, "evidence"), row.evidenceId))
    const evidence = { ...finding.evidence!, ciphertextSha256: row.ciphertextSha256, content: true }
    async function* slowly() {
      yield first.ciphertext.subarray(0, 40)
      await pushing.installation.push(pushing.key, pushing.pusher.line(pushing.source, { ...finding, evidence }))
      yield first.ciphertext.subarray(40)
    }
    await pushing.installation.intake.receiveEvidence(
      pushing.installation.actors.get(pushing.key)!,
      row.evidenceId,
      slowly(),
    )
    expect(await pushing.installation.upload(pushing.key, row.evidenceId, ciphertext)).toMatchObject({ status: 200 })
    await pushing.installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "verified", content: true })
  })

  it("accepts names that would break a database, a terminal or a page, and keeps them only sealed", async () => {
    const hostile = "\u0000\ud800<script>canary-name\u001b[2J"
    const names = { scan: hostile, shard: hostile, mediaType: hostile, kind: hostile, rule: hostile }
    const provenance = { dataset: hostile, sourceUrl: hostile, place: hostile, key: hostile }
    for (const located of [true, false]) {
      const { row } = await pushed({ content: pushing.known, located, provenance, finding: names })
      expect(row).toMatchObject({ state: "verified", notes: ["unusual-text"] })
    }
    const events = await pushing.installation.events({})
    expect(JSON.stringify(events)).not.toContain("canary-name")
    for (const table of ["received_findings", "case_items", "item_locations", "cases"] as const) {
      const rows = await pushing.db.database.kysely.selectFrom(table).selectAll().execute()
      expect(rows.length).toBeGreaterThan(0)
      expect(JSON.stringify(rows)).not.toContain("canary-name")
    }
  })

  it("keeps a finding without evidence counted, and out of every case", async () => {
    const cases = await countCases()
    const { evidence: _, ...finding } = (await pushing.pusher.seal({})).finding
    await pushing.installation.push(
      pushing.key,
      pushing.pusher.line(pushing.source, { ...finding, decision: "inconclusive", matches: [] }),
    )
    await pushing.installation.work()
    expect(await rowOf(finding.id)).toMatchObject({ state: "kept" })
    expect(await countCases()).toBe(cases)
  })
})

describe("a custodian that is locked", () => {
  const ownDb = useDatabase()

  it("makes findings wait visibly, and nothing is lost when it is unlocked", { timeout: 3 * MINUTE_MS }, async () => {
    await using locked = await makeIntakeSite({ locked: true })
    await locked.importListOf(await locked.recordsOf(pushing.known))
    const own = await makeInstallation(locked, ownDb)
    await using pusher = await makePusher(locked.manifest, locked.clock, locked.fingerprint)
    const sender = { pusher, ...(await own.enrol(pusher)) }
    const sealed = await pusher.seal({ content: pushing.known })
    await bring(sealed, sender, own)
    expect((await own.intake.counts()).counts).toEqual([
      { source: sender.source, state: "waiting", code: "unavailable", findings: 1 },
    ])
    locked.clock.move(120_000)
    await own.sweep()
    expect(own.queued).toEqual([])

    await locked.unlockAgain()
    await own.sweep()
    await own.work()
    expect((await own.rows()).map(({ state }) => state)).toEqual(["verified"])
    await own.close()
  })

  it("attaches nothing while no index of the lists is live", { timeout: 3 * MINUTE_MS }, async () => {
    await using bare = await makeIntakeSite()
    const own = await makeInstallation(bare, ownDb)
    await using pusher = await makePusher(bare.manifest, bare.clock, bare.fingerprint)
    const sender = { pusher, ...(await own.enrol(pusher)) }
    const sealed = await pusher.seal({ content: pushing.known })
    const { row } = await bring(sealed, sender, own)
    expect(row).toMatchObject({ state: "waiting", code: "unavailable" })
    expect(own.index.state()).toEqual({ screens: false, fault: "index_untrusted" })
    await bare.importListOf(await bare.recordsOf(pushing.known))
    bare.clock.move(120_000)
    await own.sweep()
    await own.work()
    expect(await rowOf(sealed.finding.id, own)).toMatchObject({ state: "verified" })
    await own.close()
  })
})
