import { randomUUID } from "node:crypto"
import type { Finding } from "@nightlight/contract"
import { TrialList, TrialView } from "@nightlight/contract/server"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { createHarness, type Harness } from "@nightlight/dev-env/server/cases"
import { makeFinding } from "@nightlight/dev-env/server/intake-site"
import { readDefaultPolicy } from "@nightlight/screening"
import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { LineOrigin } from "../../../src/intake/findings/check-line.ts"
import { ingestBatch } from "../../../src/intake/findings/ingest-batch.ts"
import { runTrial, startTrial } from "../../../src/intake/policies/trials.ts"
import { digestOf } from "../../../src/intake/policies/versions.ts"
import { insertSealed } from "../../../src/platform/authority/sealed-rows.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { aMatch, anItem } from "../../casework/cases/builders.ts"
import type { Member } from "../../support/staff.ts"
import { openPolicySite, type PolicySite, policyText } from "./policy-site.ts"

const db = useDatabase()
const none = new AbortController().signal
const period = { from: "2026-01-01T00:00:00.000Z", to: "2026-06-30T00:00:00.000Z" }
let site: PolicySite
let harness: Harness
let editor: Member
let counsel: Member
let defaultDigest: string

/** Three items of cases, and what scans sent without evidence. */
beforeAll(async () => {
  const { text } = await readDefaultPolicy()
  site = await openPolicySite(db, { first: text, batchSize: 20 })
  harness = createHarness(db)
  defaultDigest = digestOf({ text })
  ;[editor, counsel] = [await site.addMember("policy-editor"), await site.addMember("counsel")]
  await site.live.at("screen")
  const policy = await site.live.at("intake")
  const seen = { weakMatches: [], scores: [], mediaType: "image/png", kind: "picture", screened: true }
  for (const match of [aMatch(), aMatch({ hashType: "md5" }), TURNED]) {
    const verdict = policy.decide({ ...seen, matches: [match] })
    await harness.attach(anItem({ matches: [match], verdict }))
  }
  await receive([
    makeFinding({ ...UNSEEN, cause: "picture_undecodable", mediaType: "image/jpeg" }),
    makeFinding({ ...UNSEEN, cause: "media_unsupported", mediaType: "video/mp4", kind: "opaque" }),
    makeFinding({ ...UNSEEN, rule: "scored", decision: "review" }),
  ])
  await receive([makeFinding({ ...UNSEEN, decision: "block", rule: "words" })], { kind: "direct" })
  site.clock.move(1000)
})
afterAll(() => site?.close())

/** A look-alike of a turned copy: how it was turned is sealed. */
const TURNED = aMatch({
  hashType: "pdq",
  distanceBits: 12,
  radiusBits: 31,
  quality: 80,
  transformation: { orientation: "rotate90", crop: "none", background: "dropped", frame: 0 },
})
const UNSEEN: Partial<Finding> = { matches: [], decision: "inconclusive", rule: "not-screened" }

async function receive(findings: readonly Finding[], origin: LineOrigin = { kind: "dataset" }) {
  const lines = findings.map((finding, index) => ({
    number: index + 1,
    checked: { ok: true, finding, origin, notes: [] } as const,
  }))
  await ingestBatch({ ...site.shared, digests: site.digests }, { actor: "key-1", source: "source-1", lines })
}

async function attempt(digest: string, by: Member = editor, of: object = period): Promise<TrialView> {
  const { status, body } = await site.call(by, "POST", `/v1/policies/${digest}/try`, of)
  expect(status).toBe(200)
  return TrialView.parse(body)
}

describe("a trial", () => {
  it("of the policy that decided changes nothing", async () => {
    const trial = await attempt(defaultDigest)
    expect(trial).toMatchObject({ state: "done", total: 6, examined: 6, changed: 0 })
    // Whether a score made the last one a review was never kept.
    expect(trial).toMatchObject({ unchanged: 5, undecided: 1, moves: MOVES_OF_NOTHING })
    expect(trial.leftOut).toEqual({ beyondLimit: 0, unproven: 0, unreadable: 0, exchanges: 1 })
  })

  it("counts what would change, by decision and by the rule that decides", async () => {
    const rule = `  - { name: md5-too, when: 'matches.exists(m, m.hashType == "md5")', decide: quarantine }\n`
    const digest = await site.keep(editor, policyText(2, rule))
    const trial = await attempt(digest)
    expect(trial).toMatchObject({
      examined: 6,
      unchanged: 3,
      changed: 2,
      undecided: 1,
      moves: [
        { from: "quarantine", to: "review", count: 1 },
        { from: "review", to: "quarantine", count: 1 },
        { from: "review", to: "review", count: 1 },
        { from: "inconclusive", to: "inconclusive", count: 2 },
      ],
      rules: [
        { rule: "any-match", count: 2 },
        { rule: "not-screened", count: 2 },
        { rule: "md5-too", count: 1 },
      ],
    })
    expect(await site.eventsOf(digest)).toEqual(["policy.stored", "policy.trial-started", "policy.trial-ended"])
  })

  it("leaves an item undecided if what a rule needs was never stored", async () => {
    const rule = `  - { name: turned, when: 'matches.exists(m, m.orientation != "upright")', decide: quarantine }\n`
    const trial = await attempt(await site.keep(editor, policyText(3, rule)), counsel)
    // The two digests matched upright, whatever was stored; for the look-alike it is unknown.
    expect(trial).toMatchObject({ unchanged: 3, changed: 1, undecided: 2 })
    expect(trial.undecidedRules).toContainEqual({ rule: "turned", count: 1 })
    const turned = trial.examples?.find((example) => example.itemId !== undefined && example.to === undefined)
    expect(turned).toMatchObject({ from: "review" })
    const caseItem = await harness.cases.item(turned?.caseId ?? "", turned?.itemId ?? "")
    expect(caseItem?.matches[0]?.hashType).toBe("pdq")
  })

  it("knows which kind of item a scan could not screen, from what the scan sent", async () => {
    const rule = `  - { name: no-video, when: 'mediaType == "video/mp4"', decide: block }\n`
    const trial = await attempt(await site.keep(editor, policyText(4, rule)), counsel)
    expect(trial.moves).toContainEqual({ from: "inconclusive", to: "block", count: 1 })
    expect(trial.examples).toContainEqual({ from: "inconclusive", to: "block", findingId: expect.any(String) })
  })

  it("gives examples only to people who may read cases, whoever started it", async () => {
    const digest = await site.keep(editor, policyText(5, "", "block"))
    const trial = await attempt(digest)
    expect(trial.changed).toBe(3)
    expect(trial).not.toHaveProperty("examples")
    const url = `/v1/policies/${digest}/trials`
    const { body } = await site.call(counsel, "GET", `${url}/${trial.trialId}`)
    expect(TrialView.parse(body).examples?.filter(({ to }) => to === "block")).toHaveLength(3)
    const listed = TrialList.parse((await site.call(counsel, "GET", url)).body)
    expect(listed.trials).toMatchObject([{ trialId: trial.trialId, requestedBy: editor.id }])
    expect(listed.trials[0]).not.toHaveProperty("examples")
    expect((await site.call(counsel, "GET", `/v1/policies/${defaultDigest}/trials/${trial.trialId}`)).status).toBe(404)
  })

  it("covers only its period, and refuses an empty one", async () => {
    const empty = await attempt(defaultDigest, editor, { ...period, to: "2026-01-02T00:00:00.000Z" })
    expect(empty).toMatchObject({ state: "done", total: 0, examined: 0, moves: [], rules: [] })
    for (const of of [
      { from: period.to, to: period.from },
      { from: "2999-01-01T00:00:00.000Z", to: "2999-02-01T00:00:00.000Z" },
    ]) {
      expect((await site.call(editor, "POST", `/v1/policies/${defaultDigest}/try`, of)).status).toBe(400)
    }
  })

  it("counts findings that can no longer be opened as such", async () => {
    const before = await attempt(defaultDigest)
    await site.shared.contextKeys.destroy(site.shared.db, "intake-source-1")
    const after = await attempt(defaultDigest)
    expect(after).toMatchObject({ total: 6, examined: 3, unchanged: 3 })
    expect(after.leftOut.unreadable).toBe(before.examined - 3)
  })
})

describe("a trial of many findings", () => {
  beforeAll(async () => {
    // A thousand more of the last item, all in one case.
    await sql`
      INSERT INTO case_items SELECT f.item_id || '-' || n, f.case_id, f.position + n, f.item_key || n, f.strength, f.media_type,
        f.size_bytes, f.digests, f.verdict, f.rule, f.matches, f.evidence_id, f.ciphertext_sha256, f.content,
        f.content_bytes, f.known_case, f.locations, f.attached_at + n * interval '1 minute'
      FROM case_items f, generate_series(1, 1000) n WHERE f.item_id = (SELECT max(item_id) FROM case_items)`.execute(
      db.database.kysely,
    )
  })

  it("is a job, which shows its progress and continues from there after a stop", async () => {
    const digest = await site.keep(editor, policyText(6, "", "block"))
    const trial = await attempt(digest)
    expect(trial).toMatchObject({ state: "running", total: 1006, examined: 0 })
    const job = site.queued.findLast(({ name }) => name === "try-policy")
    expect(job).toMatchObject({ payload: { trial: trial.trialId }, startAfter: undefined })

    const stopped = new AbortController()
    const { items: caseItems } = site.deps
    const read: (typeof caseItems)["read"] = async (of, page) => {
      if (page.before !== undefined) stopped.abort(new DOMException("the worker stops", "AbortError"))
      return caseItems.read(of, page)
    }
    const stopping = runTrial({ ...site.deps, items: { ...caseItems, read } }, trial.trialId, stopped.signal)
    await expect(stopping).rejects.toMatchObject({ name: "AbortError" })
    const url = `/v1/policies/${digest}/trials/${trial.trialId}`
    const midway = TrialView.parse((await site.call(editor, "GET", url)).body)
    expect(midway).toMatchObject({ state: "running", examined: 1000, total: 1006 })

    await site.tryJob.run({ trial: trial.trialId }, none)
    const done = TrialView.parse((await site.call(editor, "GET", url)).body)
    expect(done).toMatchObject({ state: "done", examined: 1003, changed: 1003, leftOut: { unreadable: 3 } })
    // Delivered again, it is left alone.
    await site.tryJob.run({ trial: trial.trialId }, none)
    expect((await site.call(editor, "GET", url)).body).toEqual(done)
    const events = await readEvents(db.database.kysely, { type: "policy.trial-ended" })
    expect(events.filter(({ data }) => data["trial"] === trial.trialId)).toHaveLength(1)
  })

  it("covers only the newest if there are more than the limit", async () => {
    const digest = await site.keep(editor, policyText(7, "", "block"))
    const caseItems = { ...site.deps.items, count: async () => 100_050 }
    const trial = await site.policies.try(await editor.actor(), digest, toPeriod(period))
    expect(trial.total).toBe(1006)
    const many = await startTrial({ ...site.deps, items: caseItems }, await editor.actor(), {
      digest,
      period: toPeriod(period),
    })
    expect(many).toMatchObject({ total: 100_000, tally: { leftOut: { beyondLimit: 53 } } })
  })

  it("ends as failed when its policy does not load, and is not retried", async () => {
    const text = `name: broken-${randomUUID()}`
    await insertSealed(db.database.kysely, "policies", {
      digest: digestOf({ text }),
      policy_digest: "",
      name: "broken",
      version: 1,
      text,
      tests_text: null,
      rule_count: 0,
      test_count: 0,
      state: "draft",
      made_by: "system-test",
      made_at: new Date(),
      activated_at: null,
    })
    const trial = await attempt(digestOf({ text }))
    await expect(site.tryJob.run({ trial: trial.trialId }, none)).rejects.toMatchObject({ code: "policy_invalid" })
    const [failed] = await site.policies.trials(digestOf({ text }))
    expect(failed).toMatchObject({ state: "failed" })
    await site.tryJob.run({ trial: trial.trialId }, none)
  })
})

const toPeriod = (of: typeof period) => ({ from: new Date(of.from), to: new Date(of.to) })

const MOVES_OF_NOTHING = [
  { from: "quarantine", to: "quarantine", count: 1 },
  { from: "review", to: "review", count: 2 },
  { from: "inconclusive", to: "inconclusive", count: 2 },
]
