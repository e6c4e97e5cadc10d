import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join as path } from "node:path"
import { type FilingGrant, proveGrant } from "@nightlight/contract/custodian"
import { startSimulatorProcess } from "@nightlight/cybertipline/simulator"
import { custodianRole } from "@nightlight/demo"
import { makeDataset } from "@nightlight/demo/generated"
import { oneObject, type Ran, runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { parseDocument } from "yaml"
import { expectAccessible } from "../browser/support/accessible.ts"
import { describeInBrowser, openBrowser, openPage } from "../browser/support/browser.ts"
import { NOTHING_STORED, readBrowserStorage } from "../browser/support/browser-storage.ts"
import { decideCase } from "./support/decide.ts"
import { JOURNEYS } from "./support/journeys.ts"
import { byTwo, type ConsolePerson, join } from "./support/person.ts"

const env = { NIGHTLIGHT_PASSPHRASE: "correct horse battery" }
const credentials = { username: "esp-1", password: "a password of a test" }
const soon = { timeout: 90_000, interval: 200 }
const MINUTES = 60_000

type Role = Exclude<keyof typeof JOURNEYS, "administrator">

/**
 * The whole process on one machine: real PostgreSQL, server, worker and custodian, each its own process. The simulator
 * acts as the production host that the custodian has pinned.
 */
describe("a whole installation", () => {
  let folder: string
  let origin: string
  let up: UpProcess
  let simulator: Awaited<ReturnType<typeof startSimulatorProcess>>
  let staff: Record<Role | "administrator", ConsolePerson>
  let caseId: string
  let reportId: string
  let remoteReportId: string
  const pathOf = (...parts: string[]) => path(folder, ...parts)
  const data = () => pathOf("site")
  const nightlight = (...argv: string[]): Promise<Ran> =>
    runCommand(["--workspace", data(), ...argv], { cwd: folder, env: { ...env } })
  const host = (...argv: string[]): Promise<Ran> => runCommand([...argv, "--data", data()], { cwd: folder, env })

  /** Changes a YAML file in place. */
  function configure(file: string, change: Readonly<Record<string, unknown>>): void {
    const document = parseDocument(readFileSync(file, "utf8"))
    for (const [key, value] of Object.entries(change)) document.setIn(key.split("."), value)
    writeFileSync(file, document.toString(), { mode: 0o600 })
  }

  async function start(): Promise<string> {
    up = startUp(["--data", data()], env)
    let link = ""
    const ready = await up.next((event) => {
      if (event.event === "setup-link") link = String(event["url"])
      return event.event === "ready"
    })
    origin = String(ready["url"])
    return link
  }

  /** The report's documents as they are sent. */
  const previewOf = (who: ConsolePerson) =>
    who.must<{ idsGiven: boolean; documents: { xml: string }[] }>("GET", `/v1/reports/${reportId}/preview`)

  async function stop(): Promise<number | null> {
    up.child.kill("SIGTERM")
    return (await up.ended).code
  }

  beforeAll(async () => {
    folder = mkdtempSync(path(tmpdir(), "nightlight-e2e-"))
    simulator = await startSimulatorProcess({ credentials, environment: "production", adminToken: "admin" })
    const made = await makeDataset({ folder: pathOf("data"), pictures: 12, listed: 2, perShard: 12, side: 320 })
    writeFileSync(pathOf("list.csv"), made.listCsv)
    expect((await nightlight("init", "--yes", "--custody", "seal", "--basis", "a test's own reasons")).exit).toBe(0)
    const imported = await nightlight("lists", "import", pathOf("list.csv"), "--name", "ours", "--trust", "trusted")
    expect(imported.exit).toBe(0)
    // The first start writes the configuration that the operator then completes.
    await start()
    expect(await stop()).toBe(0)
    configure(pathOf("site", "server", "server.yaml"), {
      "organisation.company": "Example Lab",
      "organisation.contact": { firstName: "Trust", lastName: "Desk", email: "safety@example.org", phone: null },
      "reports.environment": "production",
      // Everything runs as one OS user.
      "reports.sharedCustody": "accept",
      "review.secondReviewSampling": 0,
    })
    configure(pathOf("site", "custodian", "custodian.yaml"), {
      "hosts.production.enabled": true,
      "hosts.production.baseUrl": simulator.baseUrl,
    })
    writeFileSync(pathOf("password"), `${credentials.password}\n`, { mode: 0o600 })
    const sealed = await host(
      "custodian",
      "credentials",
      "production",
      "--username",
      "esp-1",
      "--password-file",
      pathOf("password"),
    )
    expect(sealed.exit).toBe(0)
  }, 5 * MINUTES)

  afterAll(async () => {
    await stop()
    await simulator.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 2 * MINUTES)

  it("sets up two administrators, who together grant the others their roles", {
    timeout: 5 * MINUTES,
  }, async () => {
    const link = await start()
    // The configuration changed since the custodian last trusted it: somebody with the passphrase confirms the change.
    expect(await host("custodian", "unlock", "--accept-config")).toMatchObject({ exit: 0 })
    const first = await join(origin, link, "first@example.org", {
      name: "First",
      second: { name: "Second", email: "second@example.org" },
    })
    const codeFor = async (person: string): Promise<string> => {
      const codes = oneObject(await host("people", "code", person, "--json"))["codes"] as readonly { code: string }[]
      return codes[0]?.code ?? ""
    }
    const invited = first.second ?? { personId: "", url: "" }
    const second = await join(origin, invited.url, "second@example.org", await codeFor(invited.personId))
    const enrolmentCode = async (person: string, role: string) =>
      String(oneObject(await host("custodian", "enrol", person, "--role", role, "--json"))["code"])
    for (const one of [first.person, second.person]) await one.bringKey(await enrolmentCode(one.id, "approver"))
    let invitations = 0
    const invite = async (role: Role): Promise<ConsolePerson> => {
      // In turns, because two people invited by the same administrator are not independent.
      const [asking, approving] =
        invitations++ % 2 === 0 ? [first.person, second.person] : [second.person, first.person]
      const made = await asking.must<{ personId: string; url: string }>("POST", "/v1/people", {
        name: role,
        email: `${role}@example.org`,
      })
      await byTwo(asking, approving, { path: `/v1/people/${made.personId}/roles`, body: { role } })
      if (role === "reviewer") {
        await second.person.must("PUT", `/v1/people/${made.personId}/training`, {
          trainedAt: new Date().toISOString(),
        })
      }
      const { person } = await join(origin, made.url, `${role}@example.org`, await codeFor(made.personId))
      const signsAs = custodianRole(role)
      if (signsAs !== undefined) await person.bringKey(await enrolmentCode(person.id, signsAs))
      return person
    }
    staff = {
      administrator: first.person,
      reviewer: await invite("reviewer"),
      reporter: await invite("reporter"),
      counsel: await invite("counsel"),
      auditor: await invite("auditor"),
      "senior-reviewer": await invite("senior-reviewer"),
      custodian: await invite("custodian"),
      "policy-editor": await invite("policy-editor"),
    }
    const publicKey = oneObject(await nightlight("source", "show", "--json"))["publicKey"]
    const source = await first.person.must<{ source: string }>("POST", "/v1/sources", { name: "lab", publicKey })
    const key = await first.person.must<{ token: string }>("POST", "/v1/keys", {
      name: "lab",
      scopes: ["findings:push"],
      source: source.source,
      expiresInDays: 1,
    })
    writeFileSync(pathOf("server.key"), `${key.token}\n`, { mode: 0o600 })
    expect((await first.person.call("GET", "/v1/cases")).status).toBe(403)
  })

  it("turns a scan's findings into cases: matched again, opened and compared", { timeout: 5 * MINUTES }, async () => {
    const ran = await nightlight(
      "scan",
      pathOf("data"),
      "--server",
      origin,
      "--key-file",
      pathOf("server.key"),
      "--json",
    )
    expect(ran).toMatchObject({ exit: 0 })
    const cases = await vi.waitFor(async () => {
      const list = await staff.reviewer.must<{
        cases: { caseId: string; kind: string; band: string; items: number }[]
      }>("GET", "/v1/cases?kind=dataset")
      // Findings arrive one by one, in any order.
      expect(list.cases.map(({ band }) => band)).toContain("exact")
      const waiting = await staff.reviewer.must<{ cases: { items: number }[] }>("GET", "/v1/cases?kind=dataset")
      expect(waiting.cases.reduce((sum, { items: caseItems }) => sum + caseItems, 0)).toBeGreaterThanOrEqual(2)
      return list.cases
    }, soon)
    const exact = cases.find(({ band }) => band === "exact")
    expect(exact).toBeDefined()
    caseId = exact?.caseId ?? ""
  })

  it("lets a reviewer decide without a viewing, with a legal basis", { timeout: 3 * MINUTES }, async () => {
    await decideCase(staff.reviewer, caseId, {
      basis: "18-usc-2252a",
      rationale: "canary-rationale",
      category: "generated-shapes",
    })
    await vi.waitFor(async () => {
      const { state } = await staff.reviewer.must<{ state: string }>("GET", `/v1/cases/${caseId}`)
      expect(state).toBe("decided")
    }, soon)
  })

  it("files a complete and true report once two people have signed it", { timeout: 3 * MINUTES }, async () => {
    const { reporter, counsel } = staff
    const draft = await reporter.must<{ id: string; version: number }>("POST", `/v1/cases/${caseId}/reports`, {})
    reportId = draft.id
    const opened = await reporter.must<{
      problems: unknown[]
      files: { details: Record<string, unknown> }[]
      completeness: { score: number }
    }>("GET", `/v1/reports/${reportId}`)
    expect(opened.problems).toEqual([])
    expect(opened.files.length).toBeGreaterThan(0)
    for (const { details } of opened.files) expect(details).toMatchObject({ fileViewedByEsp: false })
    const before = await previewOf(counsel)
    expect(before).toMatchObject({ idsGiven: false, documents: [{ replaced: 0 }, ...opened.files.map(() => ({}))] })
    const made = await reporter.must<{ report: { version: number }; grant: FilingGrant }>(
      "POST",
      `/v1/reports/${reportId}/grant`,
      { version: draft.version },
    )
    const proof = await proveGrant(made.grant, reporter.id, reporter.key.privateKey)
    const proposed = await reporter.must<{ version: number }>("POST", `/v1/reports/${reportId}/propose`, {
      version: made.report.version,
      proof,
    })
    const again = { version: proposed.version, proof }
    expect((await reporter.call("POST", `/v1/reports/${reportId}/approve`, again)).status).toBe(403)
    const second = await proveGrant(made.grant, counsel.id, counsel.key.privateKey)
    await counsel.must("POST", `/v1/reports/${reportId}/approve`, { version: proposed.version, proof: second })
    const finished = await vi.waitFor(async () => {
      const { reports } = await reporter.must<{ reports: { id: string; state: string; remoteReportId?: string }[] }>(
        "GET",
        `/v1/reports?caseId=${caseId}`,
      )
      expect(reports).toMatchObject([{ id: reportId, state: "finished" }])
      return reports[0]
    }, soon)
    remoteReportId = finished?.remoteReportId ?? ""
    const { reports } = await simulator.admin.state()
    expect(reports.filter(({ state }) => state === "finished")).toMatchObject([
      { reportId: finished?.remoteReportId, files: opened.files.map(() => ({ details: expect.any(String) })) },
    ])
    const sent = reports
      .filter(({ state }) => state === "finished")
      .flatMap(({ xml, files }) => [xml, ...files.map(({ details }) => details)])
    const after = await previewOf(counsel)
    expect(after).toMatchObject({ idsGiven: true })
    expect(after.documents.map(({ xml }) => xml)).toEqual(sent)
    expect(before.documents[0]).toEqual(after.documents[0])
  })

  it("preserves the evidence for a year, and stops the case's clock", async () => {
    const kept = await staff.counsel.must<{ evidence: { state: string; lockedUntil: string }[] }>(
      "GET",
      `/v1/cases/${caseId}/preservation`,
    )
    expect(kept.evidence.length).toBeGreaterThan(0)
    const inMonths = new Date()
    inMonths.setUTCMonth(inMonths.getUTCMonth() + 11)
    for (const { state, lockedUntil } of kept.evidence) {
      expect(state).toBe("locked")
      expect(new Date(lockedUntil).getTime()).toBeGreaterThan(inMonths.getTime())
    }
    expect(await staff.counsel.must("GET", `/v1/cases/${caseId}`)).toMatchObject({ clockRunning: false })
  })

  describeInBrowser("with the console", () => {
    it.each(Object.entries(JOURNEYS))(
      "lets the %s begin their work, and leaves nothing in the browser",
      { timeout: 3 * MINUTES },
      async (role, journey) => {
        const person = staff[role as keyof typeof JOURNEYS]
        // Skips the tour of the first sign-in.
        await person.must("PUT", "/v1/me/preferences", { tourDone: true })
        await using browser = await openBrowser()
        await using watched = await openPage(browser, origin)
        await watched.page.context().addCookies(person.cookies().map((cookie) => ({ ...cookie, url: origin })))
        await journey(watched.page, { caseId, reportId, remoteReportId })
        await expectAccessible(watched.page)
        const stored = await readBrowserStorage(watched.page)
        expect({ ...stored, stores: stored.stores.filter((name) => name !== "nightlight") }).toEqual(NOTHING_STORED)
      },
    )
  })

  it("records every step in a log that verifies and contains no text that anybody wrote", {
    timeout: 2 * MINUTES,
  }, async () => {
    const { events } = await staff.auditor.must<{ events: { type: string }[] }>("GET", "/v1/audit/events?limit=1000")
    const types = events.map(({ type }) => type)
    for (const type of [
      "finding.verified",
      "case.decided",
      "report.approved",
      "report.finished",
      "preservation.locked",
    ]) {
      expect(types).toContain(type)
    }
    expect(JSON.stringify(events)).not.toContain("canary")
    expect(await staff.auditor.must("POST", "/v1/audit/verify")).toMatchObject({ ok: true })
    const verified = await runCommand(["audit", "verify", "--data", data(), "--json"], { cwd: folder, env })
    expect([verified.exit, verified.err]).toEqual([0, ""])
    // One role for each of seven people, each requested and approved with the person's own key.
    expect(oneObject(verified)["approvals"]).toEqual({ decided: 7, unsigned: 0 })
  })

  it("stores no text about the case in any file unencrypted", async () => {
    expect(await stop()).toBe(0)
    const hits: string[] = []
    const walk = (dir: string): void => {
      for (const entry of readdirSync(dir, { withFileTypes: true })) {
        const file = path(dir, entry.name)
        if (entry.isDirectory()) walk(file)
        else if (entry.isFile() && readFileSync(file).includes("canary-")) hits.push(file)
      }
    }
    walk(data())
    expect(hits).toEqual([])
  })
})
