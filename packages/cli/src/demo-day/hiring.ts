/**
 * Hires people as an organisation does: one administrator invites and asks for the role, the other seconds.
 * @module
 */
import type { CustodianClient } from "@nightlight/custodian"
import { DEMO_PASSPHRASE } from "@nightlight/dataset"
import type { Caller } from "./caller.ts"
import {
  ADMINISTRATORS,
  type Hire,
  type Joined,
  join,
  type KeyRole,
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
  readonly first: Caller
  readonly second: Caller
}

/** A training of a month ago, so that the date of its renewal is not today's. */
const TRAINED_AGO_MS = 30 * 86_400_000

/** Sets the installation up with its two administrators. */
export async function foundOffice(
  { origin, signal, custodian }: Omit<Office, "first" | "second">,
  setupLink: string,
  password: string,
): Promise<{ readonly office: Office; readonly administrators: readonly Joined[] }> {
  const [who, second] = ADMINISTRATORS
  const one = await join({ origin, signal, password, who, url: setupLink, second })
  const two = await join({ origin, signal, password, who: second, url: one.secondUrl ?? "" })
  const [first, other] = await Promise.all([one.signIn(), two.signIn()])
  return { office: { origin, signal, custodian, first, second: other }, administrators: [one, two] }
}

/** Hires somebody: invited, given the role by two people, trained where the role asks for it, and joined. */
export async function hirePerson(
  { origin, signal, first, second }: Office,
  who: Hire,
  password: string,
): Promise<Joined> {
  const { name, email, role } = who
  const invited = await first.must<{ readonly personId: string; readonly url: string }>("POST", "/v1/people", {
    ...{ name, email },
  })
  const act = await first.must<{ readonly id: string }>("POST", `/v1/people/${invited.personId}/roles`, { role })
  await second.must("POST", `/v1/acts/${act.id}/second`)
  if (role === "reviewer" || role === "senior-reviewer") {
    const trainedAt = new Date(Date.now() - TRAINED_AGO_MS).toISOString()
    await second.must("PUT", `/v1/people/${invited.personId}/training`, { trainedAt })
  }
  return join({ origin, signal, password, who, url: invited.url })
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
  const [reviewer, secondReviewer] = await Promise.all([
    start(office, "Night Shift Reviewer", "reviewer"),
    start(office, "Early Shift Reviewer", "reviewer"),
  ])
  return { reviewer, secondReviewer }
}

/** Hires the two who file: signed in, with keys. */
export async function hireFilers(office: Office): Promise<Pick<NightShift, "reporter" | "counsel">> {
  const [reporter, counsel] = await Promise.all([
    start(office, "Night Shift Reporter", "reporter"),
    start(office, "Night Shift Counsel", "counsel"),
  ])
  return { reporter, counsel }
}

async function start(office: Office, name: string, role: KeyRole): Promise<Worker> {
  const joined = await hirePerson(office, toHire(name, role), newPassword())
  const worker = await joined.signIn()
  return withKey(worker, (await invite(office, worker.id, role)).code)
}

/** Makes the one-time code with which somebody brings their key; an earlier one is void. */
export function invite({ custodian }: Pick<Office, "custodian">, person: string, role: KeyRole) {
  return custodian.invite(DEMO_PASSPHRASE, person, [role])
}
