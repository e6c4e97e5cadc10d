/**
 * Invites people as an organisation does: one administrator invites them and requests the role, the other approves it.
 * @module
 */
import { randomBytes } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"
import { createPersonKey, enrolmentProof } from "@nightlight/contract/custodian"
import { compact, DependencyError } from "@nightlight/core"
import type { CustodianClient } from "@nightlight/custodian"
import { TOTP } from "otpauth"
import type { DemoPerson } from "../folder.ts"
import { DEMO_PASSPHRASE } from "../passphrase.ts"
import { byTwo, type Worker } from "./approvals.ts"
import { type Caller, createCaller } from "./caller.ts"
import { ADMINISTRATORS, custodianRole, type Invitee } from "./people.ts"

/** The installation that people join. */
export interface Site {
  readonly origin: string
  readonly signal: AbortSignal
  readonly custodian: Pick<CustodianClient, "invite">
  /** Makes the host's one-time codes that open people's links. Keys are ids of people. */
  readonly joiningCodes: (people: readonly string[]) => Promise<ReadonlyMap<string, string>>
}

/** Two signed-in administrators. */
export interface Office extends Site {
  readonly first: Worker
  readonly second: Worker
}

interface Invitation {
  readonly personId: string
  readonly url: string
}

interface Joined {
  readonly person: DemoPerson
  readonly caller: Caller
  /** The second administrator's invitation, made by set-up. */
  readonly second?: Invitation
}

/** Trainings lie a month back, so that they are not due for renewal today. */
const TRAINED_AGO_MS = 30 * 86_400_000
const STEP_MS = 30_000
/** In the last seconds of a step, the code of the step before may expire on its way. */
const LATE_MS = 6_000

/** Makes a new random password. */
export function newPassword(): string {
  return `Demonstration-${randomBytes(6).toString("base64url")}`
}

/** Sets up the installation with its two administrators, each with a signing key. */
export async function setUp(
  site: Site,
  setupLink: string,
  password: string,
): Promise<{ readonly office: Office; readonly administrators: readonly DemoPerson[] }> {
  const [one, two] = ADMINISTRATORS
  const { name, email } = two
  const founder = await join(site, one, setupLink, { ...one, role: undefined, password, second: { name, email } })
  const invited = founder.second === undefined ? [] : [{ ...founder.second, who: two }]
  const joined = [founder, ...(await joinAll(site, invited, password))]
  const [first, second] = await Promise.all(joined.map((each) => startWork(site, each)))
  if (first === undefined || second === undefined) {
    throw new DependencyError("answer_malformed", "set-up invited no second administrator")
  }
  const keys = [first.key, second.key]
  const administrators = joined.map(({ person }, index) => compact({ ...person, seedKey: keys[index]?.publicKey }))
  return { office: { ...site, first, second }, administrators }
}

/** Invites people, the two administrators taking turns: two people whom the same person invited are not independent. */
export async function invitePeople(
  office: Office,
  people: readonly Invitee[],
  password: string,
): Promise<readonly Joined[]> {
  const { first, second } = office
  const invited: (Invitation & { readonly who: Invitee })[] = []
  for (const [index, who] of people.entries()) {
    const [inviter, approver] = index % 2 === 0 ? [first, second] : [second, first]
    const { name, email, role } = who
    const invitation = await inviter.callOrThrow<Invitation>("POST", "/v1/people", { name, email })
    await byTwo(inviter, approver, `/v1/people/${invitation.personId}/roles`, { role })
    if (role.endsWith("reviewer")) {
      const trainedAt = new Date(Date.now() - TRAINED_AGO_MS).toISOString()
      await approver.callOrThrow("PUT", `/v1/people/${invitation.personId}/training`, { trainedAt })
    }
    invited.push({ ...invitation, who })
  }
  return joinAll(office, invited, password)
}

/** Signs a person in and enrols a signing key, which lives as long as this process. */
export async function startWork(site: Site, { person, caller }: Joined): Promise<Worker> {
  const { id, email, password, totpSecret, role } = person
  const code = new TOTP({ secret: totpSecret }).generate()
  await caller.callOrThrow("POST", "/v1/sign-in", { email, password, code })
  const key = await createPersonKey()
  const proof = await enrolmentProof((await enrolmentCode(site, id, role)) ?? "", id, key.publicKey)
  await caller.callOrThrow("POST", "/v1/me/key", { publicKey: key.publicKey, proof })
  return { id, key, ...caller }
}

/** Makes the one-time code for enrolling a person's signing key, if their role signs. An earlier code becomes void. */
export async function enrolmentCode({ custodian }: Pick<Site, "custodian">, person: string, role: string) {
  const known = custodianRole(role)
  return known === undefined ? undefined : (await custodian.invite(DEMO_PASSPHRASE, person, [known])).code
}

async function joinAll(
  site: Site,
  invited: readonly (Invitation & { readonly who: Invitee })[],
  password: string,
): Promise<readonly Joined[]> {
  const codes = await site.joiningCodes(invited.map(({ personId }) => personId))
  const joined: Joined[] = []
  for (const { personId, url, who } of invited) {
    joined.push(await join(site, who, url, { oneTimeCode: codes.get(personId), password }))
  }
  return joined
}

/**
 * Joins by an invitation link. The authenticator's first code is that of the step before, so that the current one can
 * still be used to sign in.
 */
async function join(
  { origin, signal }: Site,
  { name, email, role }: Invitee,
  url: string,
  body: { readonly password: string; readonly [member: string]: unknown },
): Promise<Joined> {
  const caller = createCaller(origin, signal)
  const token = url.slice(url.indexOf("#") + 1)
  const path = body["second"] === undefined ? "/v1/join" : "/v1/setup"
  type Opened = { readonly enrolment: string; readonly otpauthUri: string }
  const { enrolment, otpauthUri } = await caller.callOrThrow<Opened>("POST", path, { ...body, token })
  const totpSecret = new URL(otpauthUri).searchParams.get("secret") ?? ""
  const leftMs = STEP_MS - (Date.now() % STEP_MS)
  if (leftMs < LATE_MS) await wait(leftMs, undefined, { signal })
  const code = new TOTP({ secret: totpSecret }).generate({ timestamp: Date.now() - STEP_MS })
  type Confirmed = { readonly personId: string; readonly second?: Invitation }
  const { personId, second } = await caller.callOrThrow<Confirmed>("POST", "/v1/join/confirm", { enrolment, code })
  const person = { id: personId, name, email, role, password: body.password, totpSecret, otpauthUri }
  return compact({ person, caller, second })
}
