/**
 * Fills a new demonstration with people, findings, decisions and reports. Everything goes through the real interfaces,
 * with every check. Times are real, so everything lies within the minute in which it was made.
 * @module
 */
import { readFile } from "node:fs/promises"
import type { Simulator } from "@nightlight/cybertipline/simulator"
import { pushScan } from "@nightlight/dataset"
import type { DemoPerson } from "../folder.ts"
import { request, type Worker } from "./approvals.ts"
import { waitUntil } from "./caller.ts"
import { deliverBlocks } from "./guard.ts"
import { invitePeople, newPassword, type Office, type Site, setUp, startWork } from "./invite-people.ts"
import type { Material } from "./material.ts"
import { firstDecisions, firstDoubts, secondDecisions, untilIn } from "./overnight-events.ts"
import { DAY_SHIFT, NIGHT_SHIFT } from "./people.ts"
import { falsePositive, fillCounselsWorklist, makeReports } from "./reports.ts"

/** The installation to fill, and its material. */
export interface FillRequest extends Site {
  readonly setupLink: string
  readonly material: Material
  readonly simulator: Pick<Simulator, "addFault">
  readonly onStep: (words: string) => void
}

/** People and keys of a filled demonstration. */
export interface Filled {
  /** The day shift, without their enrolment codes. */
  readonly people: readonly DemoPerson[]
  /** Key of the chat service's guard. */
  readonly chatKey: string
}

/** Fills the demonstration. */
export async function fill({ setupLink, material, simulator, onStep, ...site }: FillRequest): Promise<Filled> {
  const { signal } = site
  const password = newPassword()
  const { office, administrators } = await setUp(site, setupLink, password)
  const key = await enrolSource(office, material)
  const [night] = await Promise.all([inviteNightShift(office), deliverBlocks(site, material, key)])
  const blocked = material.exchanges.length
  await waitUntilVerified(office, blocked)
  const [reviewer, secondReviewer, reporter, counsel] = night
  const doubted = await firstDoubts(reviewer)
  onStep("the night shift is at work")
  const findings = blocked + (await push(site, material, key))
  await waitUntilVerified(office, findings)
  const { reported, cleared } = await firstDecisions(reviewer)
  onStep(`${findings} findings are verified and the first cases decided`)
  const [day] = await Promise.all([
    invitePeople(office, DAY_SHIFT, password),
    secondDecisions(secondReviewer, signal, doubted),
  ])
  onStep(`${administrators.length + day.length} people have joined`)
  await untilIn("decided", reviewer, signal, [...Object.values(reported), cleared])
  await makeReports({ reporter, counsel }, reported, simulator, signal)
  await falsePositive(reviewer, cleared)
  await fillCounselsWorklist(counsel, reported)
  await request(office.first, `/v1/people/${day[1]?.person.id}/roles`, { role: "senior-reviewer" })
  onStep("reports and requests are under way")
  await untilIn("resolution", reviewer, signal, [doubted.disagreed])
  for (const worker of [...night, office.first, office.second]) await worker.callOrThrow("POST", "/v1/sign-out")
  return { people: [...administrators, ...day.map(({ person }) => person)], chatKey: key }
}

type EachOf<List extends readonly unknown[]> = { readonly [Index in keyof List]: Worker }

async function inviteNightShift(office: Office) {
  // Their passwords are never written anywhere.
  const joined = await invitePeople(office, NIGHT_SHIFT, newPassword())
  const workers = await Promise.all(joined.map((each) => startWork(office, each)))
  return workers as unknown as EachOf<typeof NIGHT_SHIFT>
}

/** Enrols the workspace as a source of findings. Returns the key for pushing its findings. */
async function enrolSource({ first }: Office, { workspace }: Material): Promise<string> {
  const publicKey = await readFile(workspace.layout.signingPublic, "utf8")
  const named = { name: "Example Pictures", publicKey, namesAccounts: true }
  const { source } = await first.callOrThrow<{ source: string }>("POST", "/v1/sources", named)
  const key = { name: "Example Pictures", source, scopes: ["findings:push"], expiresInDays: 90 }
  return (await first.callOrThrow<{ token: string }>("POST", "/v1/keys", key)).token
}

/** Pushes the scan's findings when it has ended. Returns their number. */
async function push({ origin, signal }: Site, { workspace, scan }: Material, key: string): Promise<number> {
  return (await pushScan(workspace, { scan: await scan, server: origin, key }, {}, signal)).findings
}

/** Waits until every pushed finding is in a case, denied or refused. */
async function waitUntilVerified({ first, signal }: Office, findings: number): Promise<void> {
  type Intake = { readonly counts: readonly { readonly state: string; readonly findings: number }[] }
  await waitUntil(`${findings} findings to be verified`, signal, async () => {
    const { counts } = await first.callOrThrow<Intake>("GET", "/v1/intake")
    const verified = counts.filter(({ state }) => state !== "waiting")
    return verified.reduce((sum, row) => sum + row.findings, 0) >= findings
  })
}
