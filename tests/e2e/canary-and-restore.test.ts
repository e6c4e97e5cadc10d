import { createHash, randomBytes } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type FilingGrant, proveGrant } from "@nightlight/contract/custodian"
import { pictureJpeg } from "@nightlight/demo/generated"
import { oneObject } from "@nightlight/dev-env/command/run-command"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { plainTar, zip } from "@nightlight/dev-env/dataset/shards"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { decideCase } from "./support/decide.ts"
import { makeSite, type Site, type Staff } from "./support/site.ts"

/** Harmless and unique. */
const CANARY = `canary-${randomBytes(6).toString("hex")}`
/** The canary as text, and in encodings that careless code may produce. */
const FORMS = [
  CANARY,
  Buffer.from(CANARY).toString("hex"),
  Buffer.from(CANARY).toString("base64").slice(0, 20),
  createHash("sha256").update(CANARY).digest("hex"),
]

const MINUTES = 60_000
const soon = { timeout: 90_000, interval: 200 }

/**
 * From a scan to a filed report, with a canary in every name, text and path that somebody else wrote; then the database
 * is restored to before the report was opened. Part of `npm run verify:long`, because a failed filing is tried again
 * only each minute.
 */
describe("an installation with a canary in every untrusted field", () => {
  let site: Site
  let staff: Staff
  let reportId: string
  let picture: Uint8Array
  let adminPort: number | undefined
  const said: string[] = []

  beforeAll(async () => {
    site = await makeSite("canary")
    picture = await sharp(await pictureJpeg(77, 320))
      .withExif({ IFD0: { ImageDescription: CANARY } })
      .jpeg()
      .toBuffer()
    const digest = createHash("sha256").update(picture).digest("hex")
    await site.prepare(`hash,type,category\n${digest},sha256,generated-shapes\n`)
    const members = {
      [`${CANARY}.jpg`]: picture,
      [`${CANARY}.json`]: JSON.stringify({ url: `https://${CANARY}.example/${CANARY}.jpg`, caption: CANARY }),
      [`${CANARY}.txt`]: CANARY,
    }
    const packed = await zip(Object.entries(members).map(([name, content]) => ({ name, content })))
    mkdirSync(site.at("dataset"))
    writeFiles(site.at("dataset"), { "000000.tar": plainTar(members), "000001.zip": packed, ...members })
    const { link } = await site.start()
    staff = await site.staff(link, "reviewer", "reporter", "counsel")
  }, 8 * MINUTES)
  afterAll(() => site?.[Symbol.asyncDispose](), 2 * MINUTES)

  it("receives it by a scan and by calls, and a person decides the case", { timeout: 5 * MINUTES }, async () => {
    const { administrator, reviewer } = staff
    const publicKey = oneObject(await site.nightlight("source", "show", "--json"))["publicKey"]
    const { source } = await administrator.must<{ source: string }>("POST", "/v1/sources", {
      name: "lab",
      publicKey,
      namesAccounts: true,
    })
    const { token } = await administrator.must<{ token: string }>("POST", "/v1/keys", {
      name: "lab",
      scopes: ["findings:push", "screen"],
      source,
      expiresInDays: 1,
    })
    writeFileSync(site.at("server.key"), `${token}\n`, { mode: 0o600 })
    const scan = await site.nightlight(
      "scan",
      site.at("dataset"),
      "--server",
      site.origin,
      "--key-file",
      site.at("server.key"),
      "--json",
    )
    said.push(scan.out, scan.err)
    expect(scan.exit).toBe(0)
    const screen = (body: object) =>
      fetch(`${site.origin}/v1/screen`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": CANARY },
        body: JSON.stringify(body),
      })
    const answer = await screen({
      kind: "image",
      base64: Buffer.from(picture).toString("base64"),
      account: { id: CANARY },
    })
    expect(answer.status).toBe(200)
    await screen({ kind: "text", text: CANARY })
    await screen({ kind: CANARY })
    await fetch(`${site.origin}/v1/${CANARY}?${CANARY}=${CANARY}`)
    const cases = await vi.waitFor(async () => {
      const found = await reviewer.must<{ cases: { caseId: string; kind: string }[] }>("GET", "/v1/cases")
      expect(found.cases.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["dataset", "account"]))
      return found.cases
    }, soon)
    for (const { caseId } of cases) {
      await decideCase(reviewer, caseId, {
        basis: "18-usc-2252a",
        rationale: CANARY,
        category: "generated-shapes",
      })
    }
    const account = cases.find(({ kind }) => kind === "account")?.caseId ?? ""
    await vi.waitFor(async () => {
      expect(await reviewer.must("GET", `/v1/cases/${account}`)).toMatchObject({ state: "decided" })
    }, soon)
    const draft = await staff.reporter.must<{ id: string }>("POST", `/v1/cases/${account}/reports`, {})
    reportId = draft.id
    // People with the permission see it, so the search below looks for something that exists.
    expect(JSON.stringify(await staff.reporter.must("GET", `/v1/reports/${reportId}`))).toContain(CANARY)
  })

  it("approves the report while the custodian is locked, and is backed up before it was opened", {
    timeout: 5 * MINUTES,
  }, async () => {
    await site.stop()
    ;({ adminPort } = await site.start({ locked: true }))
    const { reporter, counsel } = staff
    const { version } = await read()
    const made = await reporter.must<{ report: { version: number }; grant: FilingGrant }>(
      "POST",
      `/v1/reports/${reportId}/grant`,
      { version },
    )
    const proof = await proveGrant(made.grant, reporter.id, reporter.key.privateKey)
    const proposed = await reporter.must<{ version: number }>("POST", `/v1/reports/${reportId}/propose`, {
      version: made.report.version,
      proof,
    })
    const second = await proveGrant(made.grant, counsel.id, counsel.key.privateKey)
    await counsel.must("POST", `/v1/reports/${reportId}/approve`, { version: proposed.version, proof: second })
    const backup = await site.host("backup", site.at("backup-before"), "--json")
    said.push(backup.out, backup.err)
    expect(backup.exit).toBe(0)
    expect((await site.simulator.admin.state()).reports).toEqual([])
  })

  it("files the report once the custodian is unlocked", { timeout: 5 * MINUTES }, async () => {
    expect((await site.host("custodian", "unlock")).exit).toBe(0)
    await finished()
    expect((await site.host("backup", site.at("backup-after"))).exit).toBe(0)
  })

  it("leaves it in no file of the data folder, its WAL, the temporary folder and the backups, and in no metric or answer", {
    timeout: 5 * MINUTES,
  }, async () => {
    for (const path of ["metrics", "health"]) {
      const answer = await fetch(`http://127.0.0.1:${adminPort}/${path}`)
      expect(answer.status).toBe(200)
      said.push(await answer.text())
    }
    expect(await site.stop()).toBe(0)
    const places = [site.data, site.temporary, site.at("backup-before"), site.at("backup-after")]
    const { hits, bytes } = search(places)
    expect(hits).toEqual([])
    expect(bytes).toBeGreaterThan(50_000_000)
    for (const form of FORMS) expect(said.join("\n")).not.toContain(form)
    expect(search([site.at("dataset")]).hits.length).toBeGreaterThan(3)
  })

  it("restored to before the report was opened, still has exactly one finished report, and recovers its record", {
    timeout: 5 * MINUTES,
  }, async () => {
    expect((await site.host("restore", site.at("backup-before"))).exit).toBe(0)
    await site.start()
    // A restore ends every session and suspends keys and sources until an administrator confirms them.
    const { administrator, reporter } = staff
    await administrator.signIn()
    const reconcile = async () => oneObject(await site.host("restore", "--reconcile", "--json"))
    expect(await reconcile()).toMatchObject({ compared: 1, differing: 0, open: true })
    type Restore = { readonly suspended: readonly string[] }
    const { suspended } = await administrator.must<Restore>("GET", "/v1/operations/restore")
    expect(suspended).toHaveLength(2)
    for (const id of suspended) await administrator.must("POST", "/v1/operations/restore/confirm", { id })
    expect(await reconcile()).toMatchObject({ differing: 0, paused: false, suspended: [], open: false })
    await reporter.signIn()
    await finished()
  })

  async function read() {
    type Head = { readonly state: string; readonly version: number; readonly remoteReportId?: string }
    return (await staff.reporter.must<{ report: Head }>("GET", `/v1/reports/${reportId}`)).report
  }

  async function finished(): Promise<void> {
    const { remoteReportId } = await vi.waitFor(async () => {
      const found = await read()
      expect(found.state).toBe("finished")
      return found
    }, soon)
    const { reports } = await site.simulator.admin.state()
    expect(reports.filter(({ state }) => state === "finished")).toMatchObject([{ reportId: remoteReportId }])
    expect(reports.find(({ reportId: id }) => id === remoteReportId)?.xml).toContain(CANARY)
  }
})

/** Files below the folders that contain a canary in any form, or have it in their name. */
function search(places: readonly string[]): { readonly hits: readonly string[]; readonly bytes: number } {
  const hits: string[] = []
  let bytes = 0
  for (const place of places) {
    for (const entry of readdirSync(place, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (FORMS.some((form) => entry.name.includes(form))) hits.push(path)
      if (!entry.isFile()) continue
      const content = readFileSync(path)
      bytes += content.length
      if (FORMS.some((form) => content.includes(form))) hits.push(path)
    }
  }
  return { hits, bytes }
}
