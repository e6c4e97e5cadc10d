/**
 * Hires people as an organisation does: one administrator invites and asks for the role, the other seconds.
 * @module
 */
import type { CustodianRole } from "@nightlight/contract/custodian"
import { DependencyError } from "@nightlight/core"
import type { CustodianClient } from "@nightlight/custodian"
import { DEMO_PASSPHRASE } from "../screen-dataset.ts"
import type { DemoPerson } from "./folder.ts"
import {
  ADMINISTRATORS,
  byTwo,
  type Hire,
  type Invited,
  type Joined,
  join,
  knownAs,
  newPassword,
  toHire,
  type Worker,
  withKey,
} from "./people.ts"

/** Two administrators at work. */
export interface Office {
  readonly origin: string
  readonly signal: AbortSignal
  readonly custodian: Pick<CustodianClient, "invite">
  /** Makes the host's codes that links open with, by person. */
  readonly codesFor: (people: readonly string[]) => Promise<ReadonlyMap<string, string>>
  readonly first: Worker
  readonly second: Worker
}

/** A training of a month ago, so that the date of its renewal is not today's. */
const TRAINED_AGO_MS = 30 * 86_400_000

/** Sets the installation up with its two administrators, who sign what they approve. */
export async function foundOffice(
  given: Omit<Office, "first" | "second">,
  setupLink: string,
  password: string,
): Promise<{ readonly office: Office; readonly administrators: readonly DemoPerson[] }> {
  const { origin, signal } = given
  const [who, second] = ADMINISTRATORS
  const one = await join({ origin, signal, password, who, url: setupLink, second })
  if (one.second === undefined) throw new DependencyError("answer_malformed", "set-up invited no second administrator")
  const [two] = await joinAll(given, [{ who: second, invited: one.second }], password)
  const atWork = async (joined: Joined) => {
    const worker = await joined.signIn()
    return withKey(worker, (await invite(given, worker.id, "approver")).code)
  }
  const [first, other] = [await atWork(one), await atWork(two)]
  const seeded = ({ person }: Joined, { key }: Worker) => ({ ...person, seedKey: key.publicKey })
  return {
    office: { ...given, first, second: other },
    administrators: [seeded(one, first), seeded(two, other)],
  }
}

/**
 * Hires people: each invited by one administrator in turn, so that there are two of whom no third made both; given the
 * role by both, trained where the role asks for it, and joined.
 */
export async function hirePeople<const Hires extends readonly Hire[]>(
  office: Office,
  hires: Hires,
  password: (who: Hire) => string,
): Promise<EachOf<Hires, Joined>> {
  const invited: Invitation[] = []
  for (const [index, who] of hires.entries()) invited.push(await inviteOne(office, who, index % 2 === 0))
  return (await joinAll(office, invited, password)) as EachOf<Hires, Joined>
}

/** One of these for each of those. */
type EachOf<List extends readonly unknown[], Item> = { readonly [Index in keyof List]: Item }

interface Invitation {
  readonly who: Hire
  readonly invited: Invited
}

async function inviteOne({ first, second }: Office, who: Hire, isByFirst: boolean): Promise<Invitation> {
  const { name, email, role } = who
  const [asking, seconding] = isByFirst ? [first, second] : [second, first]
  const invited = await asking.must<Invited>("POST", "/v1/people", { name, email })
  await byTwo(asking, seconding, { path: `/v1/people/${invited.personId}/roles`, body: { role } })
  if (role === "reviewer" || role === "senior-reviewer") {
    const trainedAt = new Date(Date.now() - TRAINED_AGO_MS).toISOString()
    await seconding.must("PUT", `/v1/people/${invited.personId}/training`, { trainedAt })
  }
  return { who, invited }
}

/** Joins by links and the host's codes, made at once. */
async function joinAll<const List extends readonly Invitation[]>(
  { origin, signal, codesFor }: Omit<Office, "first" | "second">,
  list: List,
  password: string | ((who: Hire) => string),
): Promise<EachOf<List, Joined>> {
  const codes = await codesFor(list.map(({ invited }) => invited.personId))
  const joined: Joined[] = []
  for (const { who, invited } of list) {
    const oneTimeCode = codes.get(invited.personId)
    if (oneTimeCode === undefined) throw new DependencyError("answer_malformed", "the host made no code")
    const chosen = typeof password === "string" ? password : password(who)
    joined.push(await join({ origin, signal, who, url: invited.url, oneTimeCode, password: chosen }))
  }
  return joined as unknown as EachOf<List, Joined>
}

/** Who worked before the day began. Nobody else ever knows their passwords. */
export interface NightShift {
  readonly reviewer: Worker
  readonly secondReviewer: Worker
  readonly reporter: Worker
  readonly counsel: Worker
}

/** Hires the night's reviewers: signed in, with keys. */
export async function hireReviewers(office: Office): Promise<Pick<NightShift, "reviewer" | "secondReviewer">> {
  const [reviewer, secondReviewer] = await hireWorkers(office, [
    { ...toHire("Night Shift Reviewer", "reviewer"), role: "reviewer" },
    { ...toHire("Early Shift Reviewer", "reviewer"), role: "reviewer" },
  ])
  return { reviewer, secondReviewer }
}

/** Hires the two who file: signed in, with keys. */
export async function hireFilers(office: Office): Promise<Pick<NightShift, "reporter" | "counsel">> {
  const [reporter, counsel] = await hireWorkers(office, [
    { ...toHire("Night Shift Reporter", "reporter"), role: "reporter" },
    { ...toHire("Night Shift Counsel", "counsel"), role: "counsel" },
  ])
  return { reporter, counsel }
}

async function hireWorkers<const Hires extends readonly Hire[]>(
  office: Office,
  hires: Hires,
): Promise<EachOf<Hires, Worker>> {
  const joined: readonly Joined[] = await hirePeople(office, hires, newPassword)
  const workers = joined.map(async (each, index) => {
    const worker = await each.signIn()
    const known = knownAs(hires[index]?.role ?? "reviewer") ?? "approver"
    return withKey(worker, (await invite(office, worker.id, known)).code)
  })
  return (await Promise.all(workers)) as unknown as EachOf<Hires, Worker>
}

/** Makes the one-time code with which somebody brings their key; an earlier one is void. */
export function invite(
  { custodian }: { readonly custodian: Pick<CustodianClient, "invite"> },
  person: string,
  role: CustodianRole,
) {
  return custodian.invite(DEMO_PASSPHRASE, person, [role])
}
