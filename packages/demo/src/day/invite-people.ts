/**
 * Invites people as an organisation does: one administrator invites them and requests the role, the other approves it.
 * @module
 */
import { createPersonKey, enrolmentProof } from "@nightlight/contract/custodian"
import { compact, DAY_MS, DependencyError } from "@nightlight/core"
import type { CustodianClient } from "@nightlight/custodian"
import { TOTP } from "otpauth"
import type { DemoPerson } from "../folder.ts"
import { DEMO_PASSPHRASE } from "../passphrase.ts"
import { type Caller, createCaller, requestAndApprove, type Worker } from "./caller.ts"
import { ADMINISTRATORS, custodianRole, type Invitee } from "./people.ts"

/** The installation that people join. */
export interface Site {
  readonly origin: string
  readonly signal: AbortSignal
  /** The password of everybody who joins. */
  readonly password: string
  readonly custodian: Pick<CustodianClient, "invite">
  /** Makes the host's one-time codes that open people's links. Keys are ids of people. */
  readonly joiningCodes: (people: readonly string[]) => Promise<ReadonlyMap<string, string>>
}

/** Two signed-in administrators. */
export interface Administrators extends Site {
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
}

const STEP_MS = 30_000

/** Sets up the installation with its two administrators, each with a signing key. */
export async function setUp(
  site: Site,
  setupLink: string,
): Promise<{ readonly office: Administrators; readonly administrators: readonly DemoPerson[] }> {
  const [one, two] = ADMINISTRATORS
  const [founding, second] = ADMINISTRATORS.map(({ name, email }) => ({ name, email }))
  const { second: invitation, ...founder } = await join(site, one, setupLink, { ...founding, second })
  if (invitation === undefined) throw new DependencyError("answer_malformed", "set-up invited no second administrator")
  const deputy = await accept(site, two, invitation)
  const office = { ...site, first: await startWork(site, founder), second: await startWork(site, deputy) }
  return { office, administrators: [founder.person, deputy.person] }
}

/** Invites people, the two administrators taking turns: two people whom the same person invited are not independent. */
export async function invitePeople(office: Administrators, people: readonly Invitee[]): Promise<readonly Joined[]> {
  const { first, second } = office
  const joined: Joined[] = []
  for (const [index, who] of people.entries()) {
    const [inviter, approver] = index % 2 === 0 ? [first, second] : [second, first]
    const { role, ...named } = who
    const invitation = await inviter.callOrThrow<Invitation>("POST", "/v1/people", named)
    const path = `/v1/people/${invitation.personId}`
    await requestAndApprove(inviter, approver, `${path}/roles`, { role })
    if (role.endsWith("reviewer")) {
      // A month ago, so that the training is not due for renewal today.
      const trainedAt = new Date(Date.now() - 30 * DAY_MS).toISOString()
      await approver.callOrThrow("PUT", `${path}/training`, { trainedAt })
    }
    joined.push(await accept(office, who, invitation))
  }
  return joined
}

/** Signs a person in and enrols a signing key, which lives as long as this process. */
export async function startWork(site: Site, { person, caller }: Joined): Promise<Worker> {
  const { id, email, password, totpSecret, role } = person
  // Joining used the present step's code; the next step's is accepted too.
  const code = new TOTP({ secret: totpSecret }).generate({ timestamp: Date.now() + STEP_MS })
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

async function accept(site: Site, who: Invitee, { personId, url }: Invitation): Promise<Joined> {
  const oneTimeCode = (await site.joiningCodes([personId])).get(personId)
  return join(site, who, url, { oneTimeCode })
}

/** Joins by a link: an invitation, or the set-up's, whose body names the second administrator. */
async function join({ origin, signal, password }: Site, who: Invitee, url: string, body: object) {
  const caller = createCaller(origin, signal)
  const token = url.slice(url.indexOf("#") + 1)
  type Opened = { readonly enrolment: string; readonly otpauthUri: string }
  const path = "second" in body ? "/v1/setup" : "/v1/join"
  const { enrolment, otpauthUri } = await caller.callOrThrow<Opened>("POST", path, { ...body, token, password })
  const totpSecret = new URL(otpauthUri).searchParams.get("secret") ?? ""
  const code = new TOTP({ secret: totpSecret }).generate()
  type Confirmed = { readonly personId: string; readonly second?: Invitation }
  const { personId, second } = await caller.callOrThrow<Confirmed>("POST", "/v1/join/confirm", { enrolment, code })
  return compact({ person: { id: personId, ...who, password, totpSecret }, caller, second })
}
