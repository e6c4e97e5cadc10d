import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { PolicyDetail, PolicyList } from "@nightlight/contract/server"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { digestOf } from "../../../src/intake/policies/versions.ts"
import type { Member } from "../../support/staff.ts"
import { openPolicySite, type PolicySite, policyText } from "./policy-site.ts"

const db = useDatabase()
const first = digestOf({ text: policyText(1) })
let site: PolicySite
let editor: Member

beforeAll(async () => {
  site = await openPolicySite(db)
  editor = await site.addMember("policy-editor")
})
afterAll(() => site?.close())

const list = async () => PolicyList.parse((await site.call(editor, "GET", "/v1/policies")).body)

describe("the workspace's policy file", () => {
  it("is not stored before anything is decided by it", async () => {
    expect(await list()).toEqual({ policies: [], file: { state: "differs", digest: first, known: false } })
  })

  it("becomes the first version when something is decided, once, however many processes start", async () => {
    await Promise.all([site.live.at("screen"), site.takeFile(), site.takeFile()])
    const { policies, active, file } = await list()
    expect(active).toBe(first)
    expect(file).toEqual({ state: "same", digest: first, known: true })
    expect(policies).toMatchObject([{ digest: first, state: "active", madeBy: "system-workspace", ruleCount: 2 }])
    expect(await site.eventsOf(first)).toEqual(["policy.stored", "policy.activated"])
  })

  it("is stored as a draft when an operator changes it, without taking effect", async () => {
    const changed = policyText(2, "", "block")
    await site.writePolicy(changed)
    site.clock.move(1000)
    expect((await list()).file).toMatchObject({ state: "differs", known: false })
    await site.takeFile()
    await site.takeFile()
    const { policies, active, file } = await list()
    expect(active).toBe(first)
    expect(file).toEqual({ state: "differs", digest: digestOf({ text: changed }), known: true })
    expect(policies.map(({ state, madeBy }) => [state, madeBy])).toEqual([
      ["draft", "system-workspace"],
      ["active", "system-workspace"],
    ])
    site.clock.move(1000)
    expect((await site.live.at("screen")).digest).toBe(policies[1]?.policyDigest)
  })

  it("is shown as unusable when it does not load, as missing when it is gone, and not stored in either case", async () => {
    await site.writePolicy("name: broken\n")
    await site.takeFile()
    expect((await list()).file).toMatchObject({ state: "unusable", known: false })
    await writeFile(join(site.dir, "nightlight.yaml"), "policy: elsewhere.yaml\n")
    await site.takeFile()
    const after = await list()
    expect(after.file).toEqual({ state: "missing", known: false })
    expect(after.policies).toHaveLength(2)
    site.clock.move(1000)
    expect((await site.live.at("screen")).name).toBe("ours")
  })
})

describe("the rules of the active version", () => {
  it("show their descriptions to people who read cases, without conditions", async () => {
    const reviewer = await site.addMember("reviewer")
    expect((await site.call(reviewer, "GET", "/v1/policies/rules")).body).toEqual({
      rules: [
        { id: "any-match", decision: "review", description: "A person looks." },
        { id: "not-screened", decision: "inconclusive" },
      ],
    })
    expect((await site.call(editor, "GET", "/v1/policies/rules")).status).toBe(403)
  })
})

describe("storing a version", () => {
  it("stores a valid one as a draft: its text, its rules and the results of its tests", async () => {
    const text = policyText(
      3,
      `  - { name: exact, when: 'matches.exists(m, m.hashType == "sha256")', decide: block }\n`,
    )
    const kept = await site.call(editor, "POST", "/v1/policies", { text, tests: "tests: [{ name: x, expect: clear }]" })
    expect(kept).toMatchObject({ status: 201, body: { state: "draft", madeBy: editor.id, ruleCount: 3, testCount: 2 } })
    const { body } = await site.call(editor, "GET", `/v1/policies/${digestOf({ text })}`)
    expect(PolicyDetail.parse(body)).toMatchObject({
      text,
      default: "clear",
      rules: [{ id: "exact", decision: "block" }, { id: "any-match", description: "A person looks." }, {}],
      tests: [
        { passed: true, actual: { rule: "any-match" } },
        { name: "x", passed: true },
      ],
      activations: [],
    })
    expect((await list()).policies[0]?.digest).toBe(digestOf({ text }))
    expect(await site.eventsOf(digestOf({ text }))).toEqual(["policy.stored"])
  })

  it("returns a text that is stored already, and refuses it with other tests", async () => {
    const text = policyText(4)
    const once = await site.call(editor, "POST", "/v1/policies", { text })
    site.clock.move(1000)
    expect(await site.call(editor, "POST", "/v1/policies", { text })).toEqual(once)
    const other = await site.call(editor, "POST", "/v1/policies", { text, tests: "tests: []" })
    expect(other).toMatchObject({ status: 409, body: { type: "state_conflict" } })
    expect(await site.eventsOf(digestOf({ text }))).toEqual(["policy.stored"])
  })

  it.each([
    ["a word that is none", policyText(5, "  - { name: odd, when: 'size(macthes) > 0', decide: block }\n"), 4, 30],
    ["a rule that clears what a list names", policyText(5, "", "clear"), 4, 57],
    ["a failing test of its own", policyText(5).replace("expect: review", "expect: block"), 8, 5],
  ])("refuses %s with its place, and keeps nothing", async (_what, text, line, column) => {
    const { status, body } = await site.call(editor, "POST", "/v1/policies", { text })
    expect(status).toBe(400)
    expect(body).toMatchObject({ type: "policy_invalid", line, column })
    expect(body.list).toMatch(new RegExp(`^policy.yaml:${line}:${column}: `))
    expect((await site.call(editor, "GET", `/v1/policies/${digestOf({ text })}`)).status).toBe(404)
    const checked = await site.call(editor, "POST", "/v1/policies/check", { text })
    expect(checked.body.problems[0]).toMatchObject({ file: "policy.yaml", line, column })
    expect(checked.body.problems).toHaveLength(body.problems)
  })

  it("checks a valid text without storing it", async () => {
    const text = policyText(6)
    const checked = await site.call(editor, "POST", "/v1/policies/check", { text })
    expect(checked.body).toMatchObject({ problems: [], digest: digestOf({ text }), tests: [{ passed: true }] })
    expect((await list()).policies.some(({ digest }) => digest === digestOf({ text }))).toBe(false)
  })

  it("never changes a version's text, not even for the server's own role", async () => {
    const { kysely } = db.database
    const changed = kysely.updateTable("policies").set({ text: "name: other" }).execute()
    await expect(changed).rejects.toMatchObject({ details: { sqlState: "42501" } })
    await expect(kysely.deleteFrom("policies").execute()).rejects.toMatchObject({ details: { sqlState: "42501" } })
    const twoActive = kysely.updateTable("policies").set({ state: "active", activated_at: new Date() }).execute()
    await expect(twoActive).rejects.toMatchObject({ details: { sqlState: "23505" } })
  })
})

describe("who may do what", () => {
  it("lets people who decide on cases or law read and try, and only policy editors edit and request", async () => {
    const text = policyText(7)
    const digest = await site.keep(editor, text)
    const period = { from: "2026-01-01T00:00:00.000Z", to: "2026-02-01T00:00:00.000Z" }
    const [counsel, reviewer, boss] = [
      await site.addMember("counsel"),
      await site.addMember("reviewer"),
      await site.addMember("administrator"),
    ]
    const calls = (by: Member) =>
      Promise.all([
        site.call(by, "GET", "/v1/policies"),
        site.call(by, "GET", `/v1/policies/${digest}`),
        site.call(by, "POST", `/v1/policies/${digest}/try`, period),
        site.call(by, "GET", `/v1/policies/${digest}/shadow`),
        site.call(by, "POST", "/v1/policies", { text }),
        site.call(by, "POST", "/v1/policies/check", { text }),
        site.call(by, "POST", `/v1/policies/${digest}/shadow`),
        site.call(by, "POST", `/v1/policies/${digest}/activate`),
        site.call(by, "POST", `/v1/policies/${digest}/rollback`),
      ]).then((answers) => answers.map(({ status }) => status))
    expect(await calls(counsel)).toEqual([200, 200, 200, 200, 403, 403, 403, 403, 403])
    expect(await calls(reviewer)).toEqual(Array.from({ length: 9 }, () => 403))
    expect(await calls(boss)).toEqual(Array.from({ length: 9 }, () => 403))
  })

  it("answers not_found for a version that does not exist", async () => {
    const missing = "0".repeat(64)
    for (const path of ["", "/shadow", "/trials"]) {
      expect((await site.call(editor, "GET", `/v1/policies/${missing}${path}`)).status).toBe(404)
    }
    for (const path of ["/activate", "/rollback", "/shadow", "/shadow/end"]) {
      expect((await site.call(editor, "POST", `/v1/policies/${missing}${path}`)).status).toBe(404)
    }
  })
})
