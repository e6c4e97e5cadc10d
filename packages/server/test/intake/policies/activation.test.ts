import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createLivePolicy } from "../../../src/intake/policies/live-policy.ts"
import { digestOf } from "../../../src/intake/policies/versions.ts"
import type { Member } from "../../support/staff.ts"
import { MATCH, NOTHING } from "./decided-items.ts"
import { openPolicySite, type PolicySite, policyText } from "./policy-site.ts"

const db = useDatabase()
const first = digestOf({ text: policyText(1) })
let site: PolicySite
let editor: Member
let other: Member
let counsel: Member
let number = 10

beforeAll(async () => {
  site = await openPolicySite(db)
  ;[editor, other, counsel] = [
    await site.addMember("policy-editor"),
    await site.addMember("policy-editor"),
    await site.addMember("counsel"),
  ]
  await site.live.at("screen")
})
afterAll(() => site?.close())

const activeNow = async () => (await site.call(editor, "GET", "/v1/policies")).body.active
const draft = () => site.keep(editor, policyText(number++))
/** Another server process on the same database. */
const process = () => createLivePolicy({ db: site.shared.db, clock: site.clock, file: site.file })

describe("making a version active", () => {
  it("waits for an approval, and then takes effect in every process within a second, and after a restart", async () => {
    const [one, two] = [process(), process()]
    const before = (await one.at("screen")).version
    await two.at("screen")
    const digest = await site.keep(editor, policyText(2, "", "block"))
    const asked = await site.call(editor, "POST", `/v1/policies/${digest}/activate`)
    expect(asked.status).toBe(202)
    site.clock.move(1000)
    expect((await one.at("screen")).version).toBe(before)
    expect(await activeNow()).toBe(first)

    const done = await site.call(counsel, "POST", `/v1/approvals/${asked.body.approvalId}/approve`)
    expect(done).toMatchObject({ status: 200, body: { approval: { kind: "policy.activate", state: "done" } } })
    site.clock.move(1000)
    for (const live of [one, two, process()]) {
      const policy = await live.at("intake")
      expect(policy.version).toBe(2)
      expect(policy.decide({ ...NOTHING, matches: [MATCH] }).decision).toBe("block")
    }
    const { body } = await site.call(editor, "GET", `/v1/policies/${digest}`)
    expect(body).toMatchObject({
      policy: { state: "active" },
      activations: [{ how: "activated", replaced: first, requestedBy: editor.id, approvedBy: counsel.id }],
    })
    expect(await site.eventsOf(digest)).toEqual(["policy.stored", "policy.activated"])
    expect(await site.eventsOf(first)).toContain("policy.retired")
  })

  it("can be approved by another policy editor, and not by the requester or somebody who only reads", async () => {
    const digest = await draft()
    const { body } = await site.call(editor, "POST", `/v1/policies/${digest}/activate`)
    const second = (by: Member) => site.call(by, "POST", `/v1/approvals/${body.approvalId}/approve`)
    expect((await second(editor)).body).toMatchObject({ type: "second_person_required" })
    const senior = await site.addMember("senior-reviewer")
    expect((await second(senior)).status).toBe(404)
    expect((await second(other)).status).toBe(200)
    expect(await activeNow()).toBe(digest)
  })

  it("is requested once, after a step-up, for a version that is not active already", async () => {
    const active: string = await activeNow()
    expect((await site.call(editor, "POST", `/v1/policies/${active}/activate`)).status).toBe(409)
    const digest = await draft()
    const url = `/v1/policies/${digest}/activate`
    expect((await site.call(editor, "POST", url, undefined, true)).body).toMatchObject({ type: "step_up_required" })
    expect((await site.call(editor, "POST", url)).status).toBe(202)
    expect((await site.call(editor, "POST", url)).status).toBe(409)
  })

  it("is not done if another version is active by then: two people agreed on something else", async () => {
    const [stale, newer] = [await draft(), await draft()]
    const { body } = await site.call(editor, "POST", `/v1/policies/${stale}/activate`)
    expect((await site.activate(editor, counsel, newer)).status).toBe(200)
    const late = await site.call(counsel, "POST", `/v1/approvals/${body.approvalId}/approve`)
    expect(late).toMatchObject({ status: 409, body: { type: "state_conflict" } })
    expect(await activeNow()).toBe(newer)
  })

  it("is refused for a file's draft that clears what a list names", async () => {
    const text =
      "name: odd\nversion: 1\nrules: [{ name: a, when: 'inconclusive != \"\"', decide: review }]\ndefault: clear\n"
    await site.writePolicy(text)
    await site.takeFile()
    const asked = await site.call(editor, "POST", `/v1/policies/${digestOf({ text })}/activate`)
    expect(asked).toMatchObject({ status: 400, body: { type: "policy_invalid", problems: 1, line: 4 } })
  })

  it("is done by one of two people who approve two requests at once", async () => {
    const [a, b] = [await draft(), await draft()]
    const approvals = await Promise.all(
      [a, b].map(
        async (digest) => (await site.call(editor, "POST", `/v1/policies/${digest}/activate`)).body.approvalId,
      ),
    )
    const answers = await Promise.all(
      approvals.map((approvalId) => site.call(counsel, "POST", `/v1/approvals/${approvalId}/approve`)),
    )
    expect(answers.map(({ status }) => status).sort((x, y) => x - y)).toEqual([200, 409])
    expect([a, b]).toContain(await activeNow())
  })
})

describe("rolling back", () => {
  it("makes the earlier version active again, by an approval, and back again", async () => {
    const before: string = await activeNow()
    const digest = await draft()
    await site.activate(editor, counsel, digest)
    const { body } = await site.call(editor, "GET", "/v1/policies")
    expect(body).toMatchObject({ active: digest, previous: before })

    expect((await site.activate(editor, editor, digest, "rollback")).body).toMatchObject({
      type: "second_person_required",
    })
    expect(await activeNow()).toBe(digest)
    expect((await site.call(editor, "POST", `/v1/policies/${digest}/rollback`)).status).toBe(409)
    const { approvals } = (await site.call(counsel, "GET", "/v1/approvals?state=waiting")).body
    const waiting = approvals.find(({ kind }: { kind: string }) => kind === "policy.roll-back")
    expect(waiting).toMatchObject({ payload: { activates: before, replaces: digest }, mayApprove: true })
    await site.call(counsel, "POST", `/v1/approvals/${waiting.id}/approve`)
    expect(await activeNow()).toBe(before)
    expect((await site.call(editor, "GET", `/v1/policies/${before}`)).body.activations[0]).toMatchObject({
      how: "rolled-back",
      replaced: digest,
      approvalId: waiting.id,
    })

    expect((await site.activate(editor, counsel, before, "rollback")).status).toBe(200)
    expect(await activeNow()).toBe(digest)
  })

  it("is refused for a version that is not active", async () => {
    const digest = await draft()
    const asked = await site.call(editor, "POST", `/v1/policies/${digest}/rollback`)
    expect(asked).toMatchObject({ status: 409, body: { type: "state_conflict" } })
  })
})
