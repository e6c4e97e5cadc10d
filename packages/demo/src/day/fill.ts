/**
 * Fills a new demonstration with people, findings, decisions and reports. Everything goes through the real interfaces,
 * with every check. Times are real, so everything lies within the minute in which it was made.
 * @module
 */
import { readFile } from "node:fs/promises"
import type { Simulator } from "@nightlight/cybertipline/simulator"
import { openWorkspace, pushScan, type Workspace } from "@nightlight/dataset"
import type { DemoPerson } from "../folder.ts"
import { request, type Worker, waitUntil } from "./caller.ts"
import { sendConversations } from "./guard.ts"
import { type Administrators, invitePeople, type Site, setUp, startWork } from "./invite-people.ts"
import { makeLists, scanDataset, sent } from "./material.ts"
import {
  falsePositive,
  fillCounselsWorklist,
  firstDecisions,
  makeReports,
  recordDisagreement,
  waitForState,
} from "./overnight-events.ts"
import { NIGHT_SHIFT, PEOPLE } from "./people.ts"

/** The installation to fill, and what happens beside. */
export interface FillRequest extends Site {
  readonly folder: string
  /** The first administrator's; empty after set-up. */
  readonly setupLink: string
  readonly simulator: Pick<Simulator, "addFault">
  /** Starts the chat service's guard with its key for the server, and returns its address. */
  readonly startGuard: (key: string) => Promise<string>
  readonly onStep: (words: string) => void
}

/** Fills the demonstration. Returns the people whom the reader plays, without their enrolment codes. */
export async function fill(installation: FillRequest): Promise<readonly DemoPerson[]> {
  const { folder, setupLink, simulator, startGuard, onStep, ...site } = installation
  const { origin, signal } = site
  const { office, administrators } = await setUp(site, setupLink)
  const joined = await invitePeople(office, PEOPLE)
  const night = await Promise.all(joined.slice(0, NIGHT_SHIFT).map((each) => startWork(office, each)))
  const [reviewer, secondReviewer, reporter, counsel] = night as [Worker, Worker, Worker, Worker]
  const day = joined.slice(NIGHT_SHIFT).map(({ person }) => person)
  onStep(`${administrators.length + joined.length} people have joined`)
  const workspace = await openWorkspace(folder)
  const key = await enrolSource(office, workspace)
  await makeLists(workspace, signal)
  await sendConversations(await startGuard(key), signal)
  const scan = await scanDataset(workspace, signal)
  const findings = sent.length + (await pushScan(workspace, { scan, server: origin, key }, {}, signal)).findings
  await waitUntilVerified(office, findings)
  onStep(`${findings} findings are verified`)
  const { reported, cleared, doubted } = await firstDecisions(reviewer)
  await recordDisagreement(secondReviewer, doubted, signal)
  for (const caseId of [...Object.values(reported), cleared]) await waitForState("decided", reviewer, caseId, signal)
  // The CyberTipline's code for a report that fails schema validation.
  simulator.addFault({ on: "/submit", kind: "code", code: 4100, description: "made up for the demonstration" })
  await makeReports(reporter, counsel, reported, signal)
  await falsePositive(reviewer, cleared)
  await fillCounselsWorklist(counsel, reported)
  await request(office.first, `/v1/people/${day[1]?.id}/roles`, { role: "senior-reviewer" })
  onStep("reports and requests are under way")
  await waitForState("resolution", reviewer, doubted, signal)
  for (const worker of [...night, office.first, office.second]) await worker.callOrThrow("POST", "/v1/sign-out")
  return [...administrators, ...day]
}

/** Enrols the workspace as a source of findings. Returns the key for pushing its findings. */
async function enrolSource({ first }: Administrators, workspace: Workspace): Promise<string> {
  const name = "Example Pictures"
  const publicKey = await readFile(workspace.layout.signingPublic, "utf8")
  const enrolled = { name, publicKey, namesAccounts: true }
  const { source } = await first.callOrThrow<{ source: string }>("POST", "/v1/sources", enrolled)
  const key = { name, source, scopes: ["findings:push"], expiresInDays: 90 }
  return (await first.callOrThrow<{ token: string }>("POST", "/v1/keys", key)).token
}

/** Waits until every pushed finding is in a case, denied or refused. */
async function waitUntilVerified({ first, signal }: Administrators, findings: number): Promise<void> {
  type Intake = { readonly counts: readonly { readonly state: string; readonly findings: number }[] }
  await waitUntil(`${findings} findings to be verified`, signal, async () => {
    const { counts } = await first.callOrThrow<Intake>("GET", "/v1/intake")
    const verified = counts.filter(({ state }) => state !== "waiting")
    return verified.reduce((sum, row) => sum + row.findings, 0) >= findings
  })
}
