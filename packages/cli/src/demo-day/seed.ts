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
import { fillDesk } from "./desk.ts"
import type { DemoPerson } from "./folder.ts"
import { foundOffice, hireNightShift, hirePerson, type NightShift, type Office } from "./hiring.ts"
import type { Material } from "./material.ts"
import { firstDecisions, secondDecisions } from "./night.ts"
import { DAY_SHIFT, newPassword } from "./people.ts"
import { makeReports } from "./reports.ts"
import { enrolSource, pushExchanges, type Source } from "./sources.ts"

/** What {@link seed} works with. */
export interface SeedOptions {
  readonly origin: string
  readonly setupLink: string
  readonly custodian: Pick<CustodianClient, "invite">
  readonly material: Material
  readonly simulator: Pick<Simulator, "addFault">
  readonly signal: AbortSignal
  readonly onStep: (words: string) => void
}

/** Fills the demonstration. Returns the people of the day, without their enrolment codes. */
export async function seed(options: SeedOptions): Promise<readonly DemoPerson[]> {
  const { origin, signal, custodian, setupLink, material, simulator, onStep } = options
  const password = newPassword()
  const { office, administrators } = await foundOffice({ origin, signal, custodian }, setupLink, password)
  const [night, sources] = await Promise.all([hireNightShift(office), enrolSources(office, material)])
  onStep("the night shift is at work")
  const first = await pushFirst(office, material, sources)
  await untilTaken(office, first)
  onStep(`${first} findings taken in`)
  const decided = await firstDecisions(night)
  onStep("the first cases are decided")
  const [day] = await Promise.all([
    hireDayShift(office, password),
    pushSecond(office, material, sources, first),
    secondDecisions(office, night, decided),
  ])
  onStep(`${day.length + administrators.length} people have joined`)
  await untilIn("decided", night.reviewer, signal, Object.values(decided.reported))
  await makeReports(office, night, decided.reported, simulator)
  await fillDesk(office, night, decided.reported, day.find(({ name }) => name === "Reviewer Two")?.id ?? "")
  onStep("reports and requests are under way")
  await untilIn("resolution", night.reviewer, signal, [decided.disagreed])
  await goHome(office, night)
  return [...administrators.map(({ person }) => person), ...day]
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

/** Pushes the exchanges and the first scan; says how many findings that were. */
async function pushFirst(office: Office, material: Material, sources: Sources): Promise<number> {
  const exchanges = await material.exchanges
  await pushExchanges(office, sources.chat, await material.chat, exchanges)
  return exchanges.length + (await push(office, material, sources.scans, await material.firstScan))
}

async function pushSecond(office: Office, material: Material, sources: Sources, before: number): Promise<void> {
  const pushed = await push(office, material, sources.scans, await material.secondScan)
  await untilTaken(office, before + pushed)
}

async function push(
  { origin, signal }: Office,
  { workspace }: Material,
  { token }: Source,
  scan: string,
): Promise<number> {
  const { findings } = await pushScan(workspace, { scan, server: origin, key: token }, {}, signal)
  return findings
}

async function hireDayShift(office: Office, password: string): Promise<readonly DemoPerson[]> {
  const people: DemoPerson[] = []
  for (const who of DAY_SHIFT) people.push((await hirePerson(office, who, password)).person)
  return people
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
