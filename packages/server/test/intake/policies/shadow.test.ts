import { ShadowView } from "@nightlight/contract/server"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createLivePolicy } from "../../../src/intake/policies/live-policy.ts"
import { subjectOf } from "../../../src/intake/policies/types.ts"
import { digestOf } from "../../../src/intake/policies/versions.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import type { Member } from "../../support/staff.ts"
import { MATCH, NOTHING } from "./decided-items.ts"
import { openPolicySite, type PolicySite, policyText } from "./policy-site.ts"

const db = useDatabase()
const first = digestOf({ text: policyText(1) })
let site: PolicySite
let editor: Member
let counsel: Member

beforeAll(async () => {
  site = await openPolicySite(db)
  ;[editor, counsel] = [await site.addMember("policy-editor"), await site.addMember("counsel")]
  await site.live.at("screen")
})
afterAll(() => site?.close())

const url = (digest: string, path: string) => `/v1/policies/${digest}/shadow${path}`
const shadowOf = async (digest: string) => ShadowView.parse((await site.call(editor, "GET", url(digest, ""))).body)
const stateOf = async (digest: string) => (await site.call(editor, "GET", `/v1/policies/${digest}`)).body.policy.state

describe("a version in shadow", () => {
  it("decides beside the active one and is counted, but the active one's decision is answered", async () => {
    const digest = await site.keep(editor, policyText(2, "", "quarantine"))
    const started = await site.call(editor, "POST", url(digest, ""))
    expect(started).toMatchObject({ status: 200, body: { running: true, runs: [{ screened: 0, moves: [] }] } })
    expect(await stateOf(digest)).toBe("shadow")

    site.clock.move(1000)
    const [screening, intake] = [await site.live.at("screen"), await site.live.at("intake")]
    const matched = { ...NOTHING, matches: [MATCH] }
    expect(screening.decide(matched)).toMatchObject({ decision: "review", policyDigest: screening.digest })
    expect(screening.decide(matched).decision).toBe("review")
    expect(intake.decide(matched).decision).toBe("review")
    expect(screening.decide({ ...NOTHING, matches: [] }).decision).toBe("clear")
    expect(await shadowOf(digest)).toMatchObject({
      running: true,
      runs: [
        {
          startedBy: editor.id,
          screened: 4,
          same: 1,
          moves: [
            { surface: "intake", beside: first, from: "review", to: "quarantine", count: 1 },
            { surface: "screen", beside: first, from: "review", to: "quarantine", count: 2 },
            { surface: "screen", beside: first, from: "clear", to: "clear", count: 1 },
          ],
        },
      ],
    })
    // A second reading adds nothing of its own.
    expect((await shadowOf(digest)).runs[0]?.screened).toBe(4)
  })

  it("is the only one, and cannot be the active one", async () => {
    const another = await site.keep(editor, policyText(3))
    expect((await site.call(editor, "POST", url(another, ""))).status).toBe(409)
    expect((await site.call(editor, "POST", url(first, ""))).status).toBe(409)
    expect((await site.call(editor, "POST", url(another, "/end"))).status).toBe(409)
    expect(await stateOf(another)).toBe("draft")
  })

  it("stops counting once it is ended, and the log has its counts", async () => {
    const digest = digestOf({ text: policyText(2, "", "quarantine") })
    const ended = await site.call(editor, "POST", url(digest, "/end"))
    expect(ended.body).toMatchObject({ running: false, runs: [{ screened: 4, endedBy: editor.id }] })
    expect(await stateOf(digest)).toBe("draft")
    site.clock.move(1000)
    ;(await site.live.at("screen")).decide({ ...NOTHING, matches: [MATCH] })
    expect((await shadowOf(digest)).runs).toMatchObject([{ screened: 4 }])
    const events = await readEvents(db.database.kysely, { subject: subjectOf(digest) })
    expect(events.map(({ type }) => type)).toEqual(["policy.stored", "policy.shadow-started", "policy.shadow-ended"])
    expect(events.at(-1)?.data).toMatchObject({ screened: 4, changed: 3 })
  })

  it("runs again as a run of its own, which ends when the version becomes active", async () => {
    const digest = digestOf({ text: policyText(2, "", "quarantine") })
    await site.call(editor, "POST", url(digest, ""))
    site.clock.move(1000)
    ;(await site.live.at("screen")).decide({ ...NOTHING, matches: [] })
    expect((await site.activate(editor, counsel, digest)).status).toBe(200)
    const { running, runs } = await shadowOf(digest)
    expect(running).toBe(false)
    expect(runs.map(({ screened, endedBy }) => [screened, endedBy])).toEqual([
      [1, counsel.id],
      [4, editor.id],
    ])
    site.clock.move(1000)
    expect((await site.live.at("screen")).decide({ ...NOTHING, matches: [MATCH] }).decision).toBe("quarantine")
    await site.live.flush()
    expect((await shadowOf(digest)).runs[0]?.screened).toBe(1)
  })

  it("leaves what was active once as retired, not as a draft", async () => {
    await site.call(editor, "POST", url(first, ""))
    await site.call(editor, "POST", url(first, "/end"))
    expect(await stateOf(first)).toBe("retired")
  })

  it("is counted by two processes together", async () => {
    const digest = await site.keep(editor, policyText(4, "", "block"))
    await site.call(editor, "POST", url(digest, ""))
    const others = await Promise.all(
      [1, 2, 3].map(async () => {
        const live = createLivePolicy({ db: site.shared.db, clock: site.clock, file: site.file })
        ;(await live.at("screen")).decide({ ...NOTHING, matches: [MATCH] })
        return live
      }),
    )
    await Promise.all(others.map((live) => live.close()))
    expect((await shadowOf(digest)).runs[0]).toMatchObject({ screened: 3, same: 0 })
  })
})
