/**
 * Fills a new demonstration: people, findings, decisions, reports. Everything goes the way that it goes in earnest:
 * through the commands' own functions and the service's interface, with every check that there is. Times are the real
 * ones, so that all of it lies within the minute in which it was made.
 * @module
 */
import { readFile } from "node:fs/promises"
import type { CustodianClient } from "@nightlight/custodian"
import type { Simulator } from "@nightlight/cybertipline/simulator"
import { pushScan } from "@nightlight/dataset"
import { untilIn, untilTaken } from "./decisions.ts"
import { dispute, fillDesk } from "./desk.ts"
import type { DemoPerson } from "./folder.ts"
import { foundOffice, hireFilers, hirePeople, hireReviewers, type NightShift, type Office } from "./invite-people.ts"
import type { Material } from "./material.ts"
import { firstDecisions, firstDoubts, secondDecisions } from "./overnight-events.ts"
import { DAY_SHIFT, newPassword } from "./people.ts"
import { makeReports } from "./reports.ts"
import { enrolSource, pushExchanges, type Source } from "./sources.ts"

/** What {@link seed} works with. */
export interface SeedOptions {
  readonly origin: string
  readonly setupLink: string
  readonly custodian: Pick<CustodianClient, "invite">
  readonly codesFor: Office["codesFor"]
  readonly material: Material
  readonly simulator: Pick<Simulator, "addFault">
  readonly signal: AbortSignal
  readonly onStep: (words: string) => void
}

/** What came of it. */
export interface Seeded {
  /** Those of the day, without their enrolment codes. */
  readonly people: readonly DemoPerson[]
  /** Of the chat service. */
  readonly chatKey: string
}

/** Fills the demonstration. */
export async function seed(options: SeedOptions): Promise<Seeded> {
  const { origin, signal, custodian, codesFor, setupLink, material, simulator, onStep } = options
  const password = newPassword()
  const { office, administrators } = await foundOffice({ origin, signal, custodian, codesFor }, setupLink, password)
  const [reviewers, sources] = await Promise.all([hireReviewers(office), enrolSources(office, material)])
  const sent = await sendExchanges(office, material, sources)
  await untilTaken(office, sent)
  const doubted = await firstDoubts(reviewers)
  onStep("the night shift is at work")
  const [filers, first] = await Promise.all([hireFilers(office), push(office, material, sources.scans, "firstScan")])
  const night = { ...reviewers, ...filers }
  await untilTaken(office, sent + first)
  const decided = await firstDecisions(night)
  onStep(`${sent + first} findings are taken in, and the first cases decided`)
  const [day, second] = await Promise.all([
    hireDayShift(office, password),
    push(office, material, sources.scans, "secondScan"),
    secondDecisions(office, night, doubted),
  ])
  onStep(`${administrators.length + day.length} people have joined`)
  await untilIn("decided", night.reviewer, signal, [...Object.values(decided.reported), decided.cleared])
  await makeReports(office, night, decided.reported, simulator)
  await dispute(night.reviewer, decided.cleared)
  await fillDesk(office, night, decided.reported, day.find(({ name }) => name === "Reviewer Two")?.id ?? "")
  onStep("reports and requests are under way")
  await untilTaken(office, sent + first + second)
  await untilIn("resolution", night.reviewer, signal, [doubted.disagreed])
  await goHome(office, night)
  return { people: [...administrators, ...day], chatKey: sources.chat.token }
}

interface Sources {
  readonly scans: Source
  readonly chat: Source
}

async function enrolSources(office: Office, { workspace, chat }: Material): Promise<Sources> {
  const publicKey = await readFile(workspace.layout.signingPublic, "utf8")
  return {
    scans: await enrolSource(office, { name: "Training data", publicKey, namesAccounts: false }),
    chat: await enrolSource(office, { name: "Chat service", publicKey: (await chat).publicKey, namesAccounts: true }),
  }
}

/** Sends what the chat service withheld; says how many findings that are. */
async function sendExchanges(office: Office, { chat, exchanges }: Material, sources: Sources): Promise<number> {
  await pushExchanges(office, sources.chat, await chat, await exchanges)
  return (await exchanges).length
}

/** Pushes a scan once it has ended; says how many findings that are. */
async function push(
  { origin, signal }: Office,
  { workspace, ...material }: Material,
  { token }: Source,
  which: "firstScan" | "secondScan",
): Promise<number> {
  const request = { scan: await material[which], server: origin, key: token }
  return (await pushScan(workspace, request, {}, signal)).findings
}

async function hireDayShift(office: Office, password: string): Promise<readonly DemoPerson[]> {
  return (await hirePeople(office, DAY_SHIFT, () => password)).map(({ person }) => person)
}

/** Ends the sessions in which the demonstration was made. */
async function goHome(
  { first, second }: Office,
  { reviewer, secondReviewer, reporter, counsel }: NightShift,
): Promise<void> {
  for (const somebody of [reviewer, secondReviewer, reporter, counsel, first, second]) {
    await somebody.must("POST", "/v1/sign-out")
  }
}
