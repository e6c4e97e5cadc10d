import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { picture, policy, sha256 } from "@nightlight/dev-env/server/intake-site"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKnownFalsePositives } from "../../../src/intake/false-positives/known-false-positives.ts"
import { verifyFinding } from "../../../src/intake/findings/verify-finding.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { type FalsePositiveSite, openFalsePositiveSite } from "./false-positive-site.ts"

const db = useDatabase()
let site: FalsePositiveSite
let reviewer: PersonActor
let editor: PersonActor
let senior: PersonActor
let seed = 100

beforeAll(async () => {
  site = await openFalsePositiveSite(db)
  reviewer = await site.addMember("reviewer")
  editor = await site.addMember("policy-editor")
  senior = await site.addMember("senior-reviewer")
})
afterAll(() => site?.close())

/** A listed picture, and copies of it that are near by PDQ and not the same file. */
async function listed(list = "known"): Promise<readonly Uint8Array[]> {
  const original = await picture(seed++)
  await site.site.importListOf(await site.site.recordsOf(original), { name: list })
  await site.installation.index.refresh()
  const copies = [80, 60, 40].map((quality) => sharp(original).jpeg({ quality }).toBuffer())
  return [original, ...(await Promise.all(copies)).map((copy) => new Uint8Array(copy))]
}

/** A near copy in a case that the reviewer found harmless. */
async function harmless(list = "known") {
  const [original, copy, ...others] = await listed(list)
  const found = await site.bring({ content: copy! })
  expect(found.state).toBe("verified")
  await site.judge(reviewer, found.caseId, "not-violation")
  return { original: original!, copy: copy!, others, ...found }
}

const falsePositive = (by: PersonActor, { caseId, itemId }: { caseId: string; itemId: string }, list = "known") =>
  site.post(by, `/v1/lists/${list}/false-positives`, { caseId, itemId, reason: "different-picture" })

/** A false positive that two people made a false positive. */
async function passedOver() {
  const found = await harmless()
  const { falsePositiveId } = (await falsePositive(reviewer, found)).body
  const asked = await site.post(editor, `/v1/false-positives/${falsePositiveId}/suppression`)
  expect(asked.status).toBe(202)
  expect((await site.post(senior, `/v1/approvals/${asked.body.approval.id}/approve`)).status).toBe(200)
  return { ...found, falsePositiveId: falsePositiveId as string }
}

const typesOf = async (subject: string) => (await readEvents(db.database.kysely, { subject })).map(({ type }) => type)

describe("a false positive", () => {
  it("is opened by a person who judged the case to be no violation, in ids and codes alone", async () => {
    const found = await harmless()
    const { status, body } = await falsePositive(reviewer, found)
    expect(status).toBe(201)
    expect(body).toEqual({
      falsePositiveId: expect.stringMatching(/^false-positive-/),
      list: "known",
      reason: "different-picture",
      state: "open",
      caseId: found.caseId,
      itemId: found.itemId,
      entries: 1,
      suppression: { possible: true },
      openedBy: reviewer.id,
      openedAt: expect.any(String),
    })
    const shown = await site.get(editor, `/v1/false-positives?list=known&state=open&caseId=${found.caseId}`)
    expect(shown.body).toEqual({ falsePositives: [body] })
    const [event] = await readEvents(db.database.kysely, { subject: body.falsePositiveId })
    expect(event).toMatchObject({ type: "false-positive.opened", actor: reviewer.id, data: { entries: 1 } })
    const [record] = (await site.site.recordsOf(found.original)).filter(({ hashType }) => hashType === "pdq")
    expect(JSON.stringify([event, shown.body])).not.toContain(record!.hash)
    const rows = await db.database.kysely.selectFrom("false_positive_entries").selectAll().execute()
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${record!.hash}|${sha256(found.copy)}`))
  })

  it("exists once for an item and a list, even if it is opened twice at once", async () => {
    const found = await harmless()
    const answers = await Promise.all([falsePositive(reviewer, found), falsePositive(reviewer, found)])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  })

  it("cannot be opened by somebody who did not decide so, nor for a case that is not decided so", async () => {
    const found = await harmless()
    expect(await falsePositive(senior, found)).toMatchObject({ status: 403 })
    expect(await falsePositive(editor, found)).toMatchObject({ status: 403 })
    const [, copy] = await listed()
    const open = await site.bring({ content: copy! })
    expect(await falsePositive(reviewer, open)).toMatchObject({ status: 409 })
    await site.judge(reviewer, open.caseId, "policy-violation")
    expect(await falsePositive(reviewer, open)).toMatchObject({ status: 409 })
    expect(await falsePositive(reviewer, { ...found, itemId: open.itemId })).toMatchObject({ status: 404 })
  })

  it("needs a match of that list", async () => {
    const found = await harmless()
    expect(await falsePositive(reviewer, found, "another")).toMatchObject({ status: 400 })
  })

  it("is withdrawn once by its author or somebody who may settle it, and can then be opened again", async () => {
    const found = await harmless()
    const { falsePositiveId } = (await falsePositive(reviewer, found)).body
    const url = `/v1/false-positives/${falsePositiveId}/withdraw`
    expect(await site.post(await site.addMember("reviewer"), url)).toMatchObject({ status: 403 })
    expect(await site.post(senior, url)).toMatchObject({
      status: 200,
      body: { state: "withdrawn", changedBy: senior.id },
    })
    expect(await site.post(reviewer, url)).toMatchObject({ status: 409, body: { state: "withdrawn" } })
    expect(await falsePositive(reviewer, found)).toMatchObject({ status: 201 })
    expect(await typesOf(falsePositiveId)).toEqual(["false-positive.opened", "false-positive.withdrawn"])
  })
})

describe("a false positive that can suppress nothing", () => {
  const asked = (falsePositiveId: string) => site.post(editor, `/v1/false-positives/${falsePositiveId}/suppression`)

  it("is that of the listed file itself: an exact match always counts", async () => {
    const [original] = await listed()
    const found = await site.bring({ content: original! })
    await site.judge(reviewer, found.caseId, "not-violation")
    const head = await site.cases.get(found.caseId)
    // A second person reviews an exact match of a trusted list that is not reported.
    if (head?.state === "second-review") {
      await site.judge(await site.addMember("reviewer"), found.caseId, "not-violation")
    }
    const { body } = await falsePositive(reviewer, found)
    expect(body).toMatchObject({ suppression: { possible: false, because: "exact-match" } })
    expect(await asked(body.falsePositiveId)).toMatchObject({ status: 409, body: { reason: "exact-match" } })
  })

  it("is one whose digests only a sender claims: it could suppress matches of content that nobody here saw", async () => {
    const [, copy] = await listed()
    const { picture: seen } = await site.site.fingerprint(copy!)
    const found = await site.bring({ content: copy!, located: true, provenance: { pdq: seen?.views as never } })
    await site.judge(reviewer, found.caseId, "not-violation")
    const { body } = await falsePositive(reviewer, found)
    expect(body).toMatchObject({ suppression: { possible: false, because: "claimed-digests" } })
    expect(await asked(body.falsePositiveId)).toMatchObject({ status: 409 })
  })

  it("is one of an entry that its source has removed since", async () => {
    const found = await harmless()
    await listed()
    const { body } = await falsePositive(reviewer, found)
    expect(body).toMatchObject({ entries: 0, suppression: { possible: false, because: "no-longer-listed" } })
  })
})

describe("a false positive", () => {
  it("becomes known by an approval of two different people who may settle it", async () => {
    const found = await harmless()
    const { falsePositiveId } = (await falsePositive(reviewer, found)).body
    const ask = `/v1/false-positives/${falsePositiveId}/suppression`
    expect(await site.post(reviewer, ask)).toMatchObject({ status: 403 })
    expect(await site.post({ ...editor, steppedUpUntil: undefined }, ask)).toMatchObject({
      status: 403,
      body: { type: "step_up_required" },
    })
    const { approval, falsePositive: still } = (await site.post(editor, ask)).body
    expect(still.state).toBe("open")
    expect(await site.post(editor, `/v1/approvals/${approval.id}/approve`)).toMatchObject({
      body: { type: "second_person_required" },
    })
    expect(await site.bring({ content: found.copy })).toMatchObject({ state: "verified" })
    expect((await site.post(senior, `/v1/approvals/${approval.id}/approve`)).status).toBe(200)
    const [shown] = (await site.get(editor, `/v1/false-positives?caseId=${found.caseId}`)).body.falsePositives
    expect(shown).toMatchObject({ state: "accepted", changedBy: senior.id })
    expect(await typesOf(falsePositiveId)).toEqual(["false-positive.opened", "list.false-positive-recorded"])
  })

  it("opens no case for that item again and raises no alarm; other copies of the listed picture still do", async () => {
    const { copy, others } = await passedOver()
    const alarms = (await site.installation.alarms.list(true)).length
    expect(await site.bring({ content: copy })).toMatchObject({ state: "denied", code: "known-false-positive" })
    expect(await site.installation.alarms.list(true)).toHaveLength(alarms)
    expect(await site.bring({ content: others[0]! })).toMatchObject({ state: "verified" })
  })

  it("lets the next screening of that item pass, and of no other copy", async () => {
    const { copy, others, original } = await passedOver()
    const screened = async (content: Uint8Array) => {
      const payload = Buffer.from(content)
      const headers = {
        host: "localhost",
        authorization: `Bearer ${site.key}`,
        "content-type": "application/octet-stream",
      }
      return (await site.installation.app.inject({ method: "POST", url: "/v1/screen/image", headers, payload })).json()
    }
    expect(await screened(copy)).toEqual({ decision: "clear" })
    expect(await screened(others[0]!)).toEqual({ decision: "review" })
    expect(await screened(original)).toEqual({ decision: "quarantine" })
  })

  it("is of one list: the same entry on another list still matches", async () => {
    const { copy, original } = await passedOver()
    await site.site.importListOf(await site.site.recordsOf(original), { name: "other" })
    await site.installation.index.refresh()
    expect(await site.bring({ content: copy })).toMatchObject({ state: "verified" })
    await site.site.dropList("other")
    await site.installation.index.refresh()
  })

  it("holds through the list's next versions, in which the entry has another place", async () => {
    const { copy, original } = await passedOver()
    const more = await site.site.recordsOf(await picture(seed++), original, await picture(seed++))
    await site.site.importListOf(more)
    await site.installation.index.refresh()
    expect(await site.bring({ content: copy })).toMatchObject({ state: "denied", code: "known-false-positive" })
  })

  it("is ended by one person, and what it suppressed is verified again", async () => {
    const { copy, falsePositiveId } = await passedOver()
    const denied = await site.bring({ content: copy })
    const url = `/v1/false-positives/${falsePositiveId}/end`
    expect(await site.post(reviewer, url)).toMatchObject({ status: 403 })
    expect(await site.post(editor, url)).toMatchObject({ status: 200, body: { state: "ended", changedBy: editor.id } })
    expect(await site.post(senior, url)).toMatchObject({ status: 409 })
    site.site.clock.move(120_000)
    await site.installation.sweep()
    await site.installation.work()
    expect(await site.stateOf(denied.findingId)).toBe("verified")
    expect(await site.bring({ content: copy })).toMatchObject({ state: "verified" })
  })

  it("suppresses nothing that was being verified while it was ended", async () => {
    const { copy, falsePositiveId } = await passedOver()
    const { findingId } = await site.bring({ content: copy })
    const { record_id } = await db.database.kysely
      .updateTable("received_findings")
      .set({ state: "waiting", code: null })
      .where("finding_id", "=", findingId)
      .returning("record_id")
      .executeTakeFirstOrThrow()
    const { deps, custodian, index, cases, alarms } = site.installation
    const known = createKnownFalsePositives(deps)
    const knownFalsePositives: typeof known = {
      ...known,
      of: async (item) => {
        const read = await known.of(item)
        expect((await site.post(editor, `/v1/false-positives/${falsePositiveId}/end`)).status).toBe(200)
        return read
      },
    }
    const none = new AbortController().signal
    await verifyFinding({ ...deps, custodian, index, policy, cases, alarms, knownFalsePositives }, record_id, none)
    site.site.clock.move(120_000)
    await site.installation.sweep()
    await site.installation.work()
    expect(await site.stateOf(findingId)).toBe("verified")
  })

  it("does not become known if it was withdrawn while the approval waited", async () => {
    const found = await harmless()
    const { falsePositiveId } = (await falsePositive(reviewer, found)).body
    const { approval } = (await site.post(editor, `/v1/false-positives/${falsePositiveId}/suppression`)).body
    await site.post(reviewer, `/v1/false-positives/${falsePositiveId}/withdraw`)
    expect(await site.post(senior, `/v1/approvals/${approval.id}/approve`)).toMatchObject({ status: 409 })
    expect(await site.bring({ content: found.copy })).toMatchObject({ state: "verified" })
  })
})

describe("a false positive that a restore brought back", () => {
  it("is ended again, once, and what it suppressed is verified again", async () => {
    const { falsePositiveId } = await passedOver()
    const { falsePositives } = site
    const again = () =>
      transact({ db: db.database.kysely, clock: site.site.clock }, "system-host", (tx) =>
        falsePositives.endAgain(tx, falsePositiveId, "person-lost"),
      )
    await again()
    await again()
    expect((await typesOf(falsePositiveId)).filter((type) => type === "list.false-positive-ended")).toHaveLength(1)
    const open = (await falsePositive(reviewer, await harmless())).body.falsePositiveId as string
    await transact({ db: db.database.kysely, clock: site.site.clock }, "system-host", (tx) =>
      falsePositives.endAgain(tx, open, "person-lost"),
    )
    expect(await typesOf(open)).not.toContain("list.false-positive-ended")
  })
})
