import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CookieCalls } from "@nightlight/dev-env/command/cookie-calls"
import { type DemoPerson, signInTo } from "@nightlight/dev-env/command/demo-person"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseDocument } from "yaml"

const MINUTES = 60_000

interface Case {
  readonly caseId: string
  readonly kind: string
  readonly band: string
  readonly state: string
  readonly danger: boolean
  readonly items: number
  readonly locations: number
  readonly decided?: { readonly outcome: string; readonly secondReview: string }
}

describe("up --demo", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nl-demo-")))
  const data = join(folder, "demo")
  // A database that somebody has set for their real installation.
  const env = { DATABASE_URL: "postgresql://nobody@127.0.0.1:9/real" }
  let up: UpProcess
  let origin: string
  let people: readonly DemoPerson[]

  async function start(): Promise<void> {
    up = startUp(["--demo", "--data", data], env)
    const told = (await up.next(({ event }) => event === "demo")) as unknown as {
      readonly url: string
      readonly people: readonly DemoPerson[]
    }
    origin = told.url
    people = told.people
  }
  async function stop(): Promise<number | null> {
    up.child.kill("SIGTERM")
    return (await up.ended).code
  }
  const of = (role: string): Promise<CookieCalls> => {
    const person = people.find((one) => one.role === role)
    if (person === undefined) throw new Error(`nobody is ${role}`)
    return signInTo(origin, person)
  }

  beforeAll(start, 4 * MINUTES)
  afterAll(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }, MINUTES)

  it("has a person for each role, who can sign in and whose role two people granted", async () => {
    expect(people.map(({ role }) => role).toSorted()).toEqual([
      "administrator",
      "administrator",
      "auditor",
      "counsel",
      "custodian",
      "policy-editor",
      "reporter",
      "reviewer",
      "reviewer",
      "senior-reviewer",
    ])
    const administrator = await of("administrator")
    const list = await administrator.must<{
      readonly people: readonly {
        readonly id: string
        readonly joinedAt?: string
        readonly roles: readonly { readonly requestedBy: string; readonly approvedBy: string }[]
        readonly training?: { readonly current: boolean }
      }[]
    }>("GET", "/v1/people")
    for (const { id, role } of people) {
      const found = list.people.find((one) => one.id === id)
      expect(found?.joinedAt).toBeDefined()
      if (role !== "administrator") expect(found?.roles[0]?.requestedBy).not.toBe(found?.roles[0]?.approvedBy)
      if (role.endsWith("reviewer")) expect(found?.training?.current).toBe(true)
    }
    expect(people.filter(({ enrolmentCode }) => enrolmentCode !== undefined).map(({ role }) => role)).toEqual([
      "administrator",
      "administrator",
      "reviewer",
      "reviewer",
      "senior-reviewer",
      "reporter",
      "counsel",
      "custodian",
      "policy-editor",
    ])
  })

  it("tells visitors that it is a demonstration before they sign in", async () => {
    const ways = await fetch(`${origin}/v1/sign-in`)
    expect(await ways.json()).toMatchObject({ setUp: true, demo: true })
  })

  it("has a day's cases of every kind, in every state", async () => {
    const reviewer = await of("reviewer")
    const listed: Case[] = []
    for (const state of ["open", "settling", "second-review", "resolution", "decided"]) {
      const { cases } = await reviewer.must<{ readonly cases: readonly Case[] }>(
        "GET",
        `/v1/cases?state=${state}&limit=200`,
      )
      listed.push(...cases)
    }
    const count = (fits: (one: Case) => boolean) => listed.filter(fits).length
    expect(listed.length).toBeGreaterThanOrEqual(55)
    for (const kind of ["dataset", "account", "test"]) expect(count((one) => one.kind === kind)).toBeGreaterThan(1)
    for (const band of ["danger", "exact", "near", "unverified", "test"])
      expect(count((one) => one.band === band)).toBeGreaterThan(0)
    expect(count(({ state }) => state === "open")).toBeGreaterThanOrEqual(35)
    expect(count(({ state }) => state === "settling")).toBe(0)
    expect(count(({ state }) => state === "second-review")).toBe(1)
    expect(count(({ state }) => state === "resolution")).toBe(1)
    expect(count(({ decided }) => decided?.outcome === "reportable")).toBe(6)
    expect(count(({ decided }) => decided?.outcome === "not-violation")).toBe(1)
    expect(count(({ danger }) => danger)).toBe(1)
    expect(count(({ locations }) => locations > 10)).toBe(1)
  })

  it("shows a conversation, and which turns of it were flagged", async () => {
    const counsel = await of("counsel")
    const { cases } = await counsel.must<{ readonly cases: readonly Case[] }>("GET", "/v1/cases?kind=account&limit=200")
    const at = `/v1/cases/${cases[0]?.caseId}/items`
    const { items } = await counsel.must<{ readonly items: readonly { readonly itemId: string }[] }>("GET", at)
    const context = await counsel.must<{
      readonly locations: readonly {
        readonly found: {
          readonly account: string
          readonly said: { readonly request: string; readonly flagged: readonly number[] }
        }
      }[]
    }>("GET", `${at}/${items[0]?.itemId}/context`)
    const found = context.locations[0]?.found
    expect(found?.account).toMatch(/^user-\d+$/)
    const { messages } = JSON.parse(found?.said.request ?? "{}") as { readonly messages: readonly unknown[] }
    expect(messages.length).toBeGreaterThan(0)
    for (const turn of found?.said.flagged ?? []) expect(turn).toBeLessThanOrEqual(messages.length)
  })

  it("has a report in each state, all of them for the test host", async () => {
    const reporter = await of("reporter")
    const { reports } = await reporter.must<{
      readonly reports: readonly {
        readonly state: string
        readonly environment: string
        readonly remoteReportId?: string
      }[]
    }>("GET", "/v1/reports")
    expect(reports.map(({ state }) => state).toSorted()).toEqual(["draft", "finished", "held", "proposed"])
    expect(new Set(reports.map(({ environment }) => environment))).toEqual(new Set(["test"]))
    expect(reports.find(({ state }) => state === "finished")?.remoteReportId).toMatch(/^\d+$/)
  })

  it("has work on every worklist: approvals, alarms, holds, requests", async () => {
    const counsel = await of("counsel")
    const { approvals } = await counsel.must<{
      readonly approvals: readonly { readonly kind: string; readonly mayApprove: boolean }[]
    }>("GET", "/v1/approvals?state=waiting")
    expect(approvals).toMatchObject([{ kind: "evidence.export", mayApprove: true }])
    const { alarms } = await counsel.must<{ readonly alarms: readonly { readonly code: string }[] }>(
      "GET",
      "/v1/alarms",
    )
    expect(alarms.map(({ code }) => code)).toContain("imminent-danger")
    const { requests } = await counsel.must<{
      readonly requests: readonly { readonly kind: string; readonly state: string }[]
    }>("GET", "/v1/requests")
    expect(requests).toMatchObject([{ kind: "legal-process", state: "open" }])
    const { evidence } = await counsel.must<{ readonly evidence: readonly { readonly state: string }[] }>(
      "GET",
      "/v1/preservations",
    )
    expect(new Set(evidence.map(({ state }) => state))).toEqual(new Set(["kept", "locked", "clearing"]))
  })

  it("shows a scan, a running guard and a reported false positive", async () => {
    const counsel = await of("counsel")
    const { scans } = await counsel.must<{ readonly scans: readonly { readonly state: string }[] }>("GET", "/v1/scans")
    expect(scans.map(({ state }) => state)).toEqual(["complete"])
    const { sources } = await counsel.must<{ readonly sources: readonly { readonly state: string }[] }>(
      "GET",
      "/v1/guards",
    )
    expect(sources.map(({ state }) => state)).toEqual(["running"])
    const { falsePositives } = await counsel.must<{ readonly falsePositives: readonly { readonly state: string }[] }>(
      "GET",
      "/v1/false-positives",
    )
    expect(falsePositives.map(({ state }) => state)).toEqual(["open"])
  })

  it("keeps a log that verifies", async () => {
    expect(await (await of("auditor")).must("POST", "/v1/audit/verify")).toMatchObject({ ok: true })
  })

  it("names only this machine as a host, in a folder that only its owner can read", () => {
    const custodian = readFileSync(join(data, "custodian", "custodian.yaml"), "utf8")
    const { hosts } = parseDocument(custodian).toJS() as {
      readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    }
    for (const host of ["test", "production"])
      expect(String(hosts[host]?.["baseUrl"])).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//)
    expect(hosts["production"]?.["enabled"]).toBe(false)
    expect(statSync(data).mode & 0o777).toBe(0o700)
    expect(statSync(join(data, "demo.json")).mode & 0o777).toBe(0o600)
  })

  it("prints the people again where it runs already, and cannot be started without --demo", {
    timeout: 2 * MINUTES,
  }, async () => {
    const again = await runCommand(["up", "--demo", "--data", data], { cwd: folder, env })
    expect([again.exit, again.err]).toEqual([0, ""])
    for (const { email } of people) expect(again.out).toContain(email)
    const plain = await runCommand(["up", "--data", data], { cwd: folder, env })
    expect([plain.exit, plain.err]).toEqual([2, expect.stringContaining("this folder is a demonstration")])
  })

  it("continues when it is started again: with the same people and cases, and nothing twice", {
    timeout: 4 * MINUTES,
  }, async () => {
    const before = { people, log: await eventsOf("case.opened") }
    expect(await stop()).toBe(0)
    await start()
    const lasting = (all: readonly DemoPerson[]) => all.map((person) => ({ ...person, enrolmentCode: "" }))
    expect(lasting(people)).toEqual(lasting(before.people))
    expect(await eventsOf("case.opened")).toBe(before.log)
    // The code of before is void: only the newest is good.
    expect(people.find(({ role }) => role === "counsel")?.enrolmentCode).toMatch(/^[0-9A-Z-]{29}$/)
  })

  async function eventsOf(type: string): Promise<number> {
    const auditor = await of("auditor")
    const { events } = await auditor.must<{ readonly events: readonly { readonly type: string }[] }>(
      "GET",
      `/v1/audit/events?type=${type}&limit=1000`,
    )
    return events.filter((event) => event.type === type).length
  }
})

describe("up --demo in a folder that holds something else", () => {
  it("touches nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nl-demo-"))
    mkdirSync(join(folder, "server"))
    writeFileSync(join(folder, "server", "server.yaml"), "version: 1\n")
    const refused = await runCommand(["up", "--demo", "--data", folder], { cwd: folder, env: {} })
    expect([refused.exit, refused.err]).toEqual([
      2,
      expect.stringContaining("holds something other than a demonstration"),
    ])
    expect(new Set(readdirSync(folder, { encoding: "utf8", recursive: true }))).toEqual(
      new Set(["server", "server/server.yaml"]),
    )
    rmSync(folder, { recursive: true, force: true })
  })
})

describe("up --demo that is stopped while it makes the demonstration", () => {
  it("leaves nothing that would disturb the next one", { timeout: 2 * MINUTES }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "nl-demo-"))
    const data = join(folder, "demo")
    const up = startUp(["--demo", "--data", data])
    await up.next((event) => event.event === "part.ready" && event["part"] === "server")
    const begun = existsSync(join(data, "demo.json"))
    up.child.kill("SIGTERM")
    const { code } = await up.ended
    expect({ begun, code, left: existsSync(data) }).toEqual({ begun: true, code: 0, left: false })
    rmSync(folder, { recursive: true, force: true })
  })
})
