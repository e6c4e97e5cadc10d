/**
 * Every list and count of the server's API at 100,000 cases, over HTTP on the loopback, as people who may see them.
 * @module
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CookieCalls } from "@nightlight/dev-env/command/cookie-calls"
import { type DemoPerson, signInTo } from "@nightlight/dev-env/command/demo-person"
import { startUp } from "@nightlight/dev-env/command/up-process"
import { compareCaseCounts, mergeCaseCounts } from "../packages/server/src/casework/cases/queue/kept-counts.ts"
import { type Database, openDatabase } from "../packages/server/src/platform/db/pool.ts"
import { fillLog } from "./lists-log.ts"
import { caseIdOf, evidenceIdOf, fillServer, reportIdOf } from "./lists-material.ts"
import { type BenchRow, median } from "./row.ts"

const CASES = 100_000
const CASES_PER_TRANSACTION = 500
const ROUNDS = 15
const BUDGET_MS = 10

/** Who asks for what, with what a page asks for; `report` is one of the demonstration's, whose text can be opened. */
const routesOf = (report: string): Readonly<Record<string, readonly string[]>> => ({
  Counsel: [
    // Reads its caller alone: what any call costs here.
    "/v1/me",
    "/v1/me/sessions",
    "/v1/cases",
    "/v1/cases?state=decided",
    "/v1/cases?kind=account",
    "/v1/cases?list=list-7",
    "/v1/cases/counts",
    "/v1/lists",
    "/v1/false-positives",
    "/v1/reports",
    "/v1/reports?state=open",
    "/v1/preservations",
    "/v1/requests",
    "/v1/approvals",
    "/v1/alarms",
    "/v1/people/names",
    "/v1/sources/names",
    "/v1/automation",
    "/v1/home",
    `/v1/cases/${caseIdOf(7)}`,
    `/v1/cases/${caseIdOf(7)}/items`,
    `/v1/cases/${caseIdOf(7)}/history`,
    `/v1/cases/${caseIdOf(7)}/siblings`,
    `/v1/cases/${caseIdOf(7)}/preservation`,
    `/v1/reports/${report}`,
    `/v1/reports/${reportIdOf(7)}/steps`,
    `/v1/preservations/${evidenceIdOf(7)}`,
    "/v1/me/exposure",
    "/v1/policies",
    "/v1/policies/rules",
    "/v1/authorities",
    "/v1/insights",
  ],
  Auditor: [
    "/v1/scans",
    "/v1/intake",
    "/v1/intake/findings?state=verified",
    "/v1/audit/events",
    "/v1/commitments",
    "/v1/guards",
    "/v1/operations/tasks",
    "/v1/sources",
    "/v1/review/agreement",
    "/v1/exposure",
    "/v1/people",
    "/v1/people/counts",
    "/v1/break-glass",
    "/v1/audit/events?order=newest",
    `/v1/audit/events?subject=${caseIdOf(7)}`,
    "/v1/audit/events?type=case.decided",
  ],
  Reviewer: ["/v1/home", "/v1/cases?due=overdue", "/v1/cases?assignee=none", "/v1/original-requests"],
  Administrator: ["/v1/home", "/v1/keys"],
})

/** Measures each route's median, one call at a time, and counts kept against counted anew. */
export async function benchLists(): Promise<BenchRow[]> {
  const home = mkdtempSync(join(realpathSync(tmpdir()), "nl-bench-lists-"))
  const up = startUp(["--demo", "--data", join(home, "demo")])
  try {
    const told = await up.next(({ event }) => event === "demo")
    const { url, people } = told as unknown as { readonly url: string; readonly people: readonly DemoPerson[] }
    const as = databaseOf(join(home, "demo", "postgres"))
    const report = await newestReport(await signInTo(url, personOf(people, "Reporter")))
    const owned = openDatabase(as("nightlight_owner", "owner"))
    try {
      await fillServer(owned, CASES)
    } finally {
      await owned.close()
    }
    const database = openDatabase(as("nightlight_app", "app"))
    const rows: BenchRow[] = []
    try {
      await fillLog(database.kysely, CASES, CASES_PER_TRANSACTION)
      await mergeCaseCounts(database.kysely)
      for (const [name, paths] of Object.entries(routesOf(report))) {
        const calls = await signInTo(url, personOf(people, name))
        for (const path of paths) rows.push(await measure(calls, name, path))
      }
      rows.push(await measureRecount(database.kysely))
    } finally {
      await database.close()
    }
    return rows
  } finally {
    up.child.kill("SIGTERM")
    await up.ended
    rmSync(home, { recursive: true, force: true })
  }
}

function personOf(people: readonly DemoPerson[], name: string): DemoPerson {
  const person = people.find((one) => one.name.includes(name))
  if (person === undefined) throw new Error(`the demonstration has no ${name}`)
  return person
}

async function newestReport(calls: CookieCalls): Promise<string> {
  const { reports } = await calls.must<{ readonly reports: readonly { readonly id: string }[] }>("GET", "/v1/reports")
  if (reports[0] === undefined) throw new Error("the demonstration has no report")
  return reports[0].id
}

async function measure(calls: CookieCalls, name: string, path: string): Promise<BenchRow> {
  const eachMs: number[] = []
  for (let round = 0; round < ROUNDS + 2; round++) {
    const began = performance.now()
    const { status } = await calls.call("GET", path)
    if (status !== 200)
      return { what: `server, ${path}`, measured: `status ${status} to ${name}`, atLeast: "200", ok: false }
    if (round >= 2) eachMs.push(performance.now() - began)
  }
  const p50 = median(eachMs)
  return {
    what: `server, ${path}`,
    measured: `p50 ${p50.toFixed(1)} ms, fastest ${Math.min(...eachMs).toFixed(1)} ms`,
    atLeast: `<= ${BUDGET_MS} ms`,
    ok: p50 <= BUDGET_MS,
    note: `${CASES.toLocaleString("en")} cases, as ${name}`,
  }
}

async function measureRecount(db: Database["kysely"]): Promise<BenchRow> {
  const began = performance.now()
  const differences = await compareCaseCounts(db)
  return {
    what: "server, kept counts against counting anew",
    measured: `${differences.length} differ; counting anew took ${(performance.now() - began).toFixed(0)} ms`,
    atLeast: "0 differ",
    ok: differences.length === 0,
  }
}

/** How to reach the database of a data folder, by its own files. */
function databaseOf(folder: string): (user: string, secret: "owner" | "app") => Parameters<typeof openDatabase>[0] {
  const secrets = JSON.parse(readFileSync(join(folder, "roles.json"), "utf8")) as Record<"owner" | "app", string>
  const [, , , port = "", host = ""] = readFileSync(join(folder, "cluster", "postmaster.pid"), "utf8").split("\n")
  return (user, secret) => ({ host, port: Number(port), user, password: secrets[secret], database: "nightlight" })
}
