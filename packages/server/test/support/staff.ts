import { randomBytes, randomUUID } from "node:crypto"
import { compact } from "@nightlight/core"
import { type MovingClock, movingClock } from "@nightlight/dev-env/server/clock"
import { toKeyedDigest } from "@nightlight/vault"
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify"
import { TOTP } from "otpauth"
import type { PersonActor, PersonId, Role } from "../../src/platform/auth/actor.ts"
import { openCustodianClient } from "../../src/platform/custodian/client.ts"
import type { CustodianClient } from "../../src/platform/custodian/port.ts"
import type { Database } from "../../src/platform/db/pool.ts"
import { readEvents } from "../../src/platform/events/read.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../src/platform/events/transact.ts"
import { openSecretSealer } from "../../src/platform/secrets/secret-sealer.ts"
import { alarmRoutes } from "../../src/staff/alarms/routes.ts"
import { type Alarms, createAlarms } from "../../src/staff/alarms/service.ts"
import { approvalRoutes } from "../../src/staff/approvals/routes.ts"
import { type Approvals, createApprovals } from "../../src/staff/approvals/service.ts"
import type { ApprovalSigning } from "../../src/staff/approvals/signing.ts"
import { decideApproval, insertApproval } from "../../src/staff/approvals/store.ts"
import type { Approval } from "../../src/staff/approvals/types.ts"
import { keyRoutes } from "../../src/staff/keys/routes.ts"
import { createKeys, type Keys } from "../../src/staff/keys/service.ts"
import { roleGrantApproval } from "../../src/staff/people/approvals.ts"
import { peopleRoutes } from "../../src/staff/people/routes.ts"
import { createPeople, type People } from "../../src/staff/people/service.ts"
import { createSetup, type Setup } from "../../src/staff/people/setup.ts"
import { signingRoutes } from "../../src/staff/people/signing-routes.ts"
import { SYSTEM_SETUP } from "../../src/staff/people/types.ts"
import { inviteRoutes } from "../../src/staff/sign-in/joining/invite-routes.ts"
import { meRoutes } from "../../src/staff/sign-in/me-routes.ts"
import { passkeyRoutes } from "../../src/staff/sign-in/passkeys/routes.ts"
import { joiningRoutes, signInRoutes } from "../../src/staff/sign-in/routes.ts"
import { createSignIn, type SignIn } from "../../src/staff/sign-in/service.ts"
import { createAuthenticate } from "../../src/staff/sign-in/sessions/authenticate.ts"
import type { SignInDeps } from "../../src/staff/sign-in/types.ts"
import { testApp } from "./app.ts"
import { unsignedApprovals } from "./custody.ts"

/** A password that is good enough; what tests are about is something else. */
export const PASSWORD = "correct horse battery"

/** Everything about staff, on a database of the test's own. */
export interface Staff {
  readonly db: Database["kysely"]
  readonly clock: MovingClock
  readonly people: People
  readonly setup: Setup
  readonly alarms: Alarms
  readonly approvals: Approvals
  readonly signIn: SignIn
  readonly keys: Keys
  /** Sources that are enrolled and trusted. */
  readonly sources: Set<string>
  readonly app: FastifyInstance
  readonly origin: string
  /** Two people who grant roles by approvals, if the test verifies the log; otherwise roles are granted without. */
  readonly granters: (() => Promise<readonly [PersonId, PersonId]>) | undefined
}

/** Settings that a test may change. */
interface StaffOptions extends Partial<SignInDeps> {
  readonly clock?: MovingClock
  /** Whether {@link addMember} gives roles by approvals by two people, as the log's verification wants it. */
  readonly areRolesApproved?: boolean
  /** Whether actions are signed; nobody has a key unless given. */
  readonly signing?: ApprovalSigning
  /** Where signing keys are carried; nobody takes them unless given. */
  readonly custodian?: Pick<CustodianClient, "enrol" | "enrolments" | "state">
  /** Whether a key waits for an administrator; none does unless given. */
  readonly isSuspended?: (id: string) => Promise<boolean>
}

/** Makes it. scrypt is cheap here: what it costs is not what these tests are about. */
export async function openStaff({ kysely: db }: Database, options: StaffOptions = {}): Promise<Staff> {
  const { clock = movingClock() } = options
  const shared = { db, clock }
  const people = createPeople(shared)
  const setup = createSetup(people)
  const alarms = createAlarms(shared)
  const approvals = createApprovals({ ...shared, people, signing: options.signing ?? unsignedApprovals() })
  const signIn = createSignIn({
    ...shared,
    people,
    setup,
    alarms,
    sealer: openSecretSealer(randomBytes(32)),
    digests: toKeyedDigest(randomBytes(32)),
    origin: "http://localhost",
    passwords: true,
    party: { rpId: "localhost", origins: ["http://localhost"] },
    providers: [],
    custodian: options.custodian ?? openCustodianClient("/nowhere/custodian.sock"),
    passwordLogN: 10,
    ...options,
  })
  approvals.register(roleGrantApproval(people))
  approvals.register(signIn.resetApproval)
  const sources = new Set(["lab"])
  const keys = createKeys({
    ...shared,
    isSource: async (source) => sources.has(source),
    ...compact({ isSuspended: options.isSuspended }),
    onOldKey: ({ key, replacedBy, refused }) =>
      alarms.raiseNow({ code: "old-key-used", subject: key, data: { replacedBy, refused } }),
  })
  const custodian = options.custodian ?? openCustodianClient("/nowhere/custodian.sock")
  const app = await testApp({
    origins: [options.origin ?? "http://localhost"],
    authenticate: createAuthenticate({ signIn, keys }),
    routes: (on) => {
      signInRoutes(on, { signIn })
      passkeyRoutes(on, { signIn })
      joiningRoutes(on, { signIn })
      meRoutes(on, { signIn, people, custodian })
      inviteRoutes(on, { signIn })
      peopleRoutes(on, { ...shared, people, approvals })
      signingRoutes(on, { custodian })
      approvalRoutes(on, { approvals })
      alarmRoutes(on, { alarms })
      keyRoutes(on, { keys })
    },
  })
  const granters = options.areRolesApproved === true ? makeOnce(() => makeGranters(people, shared)) : undefined
  return { db, clock, people, setup, alarms, approvals, signIn, keys, sources, app, origin: signIn.origin, granters }
}

function makeOnce<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined
  return () => {
    made ??= make()
    return made
  }
}

function makeGranters(people: People, deps: TransactDeps): Promise<readonly [PersonId, PersonId]> {
  const made = (tx: EventTransaction) =>
    people.create(tx, { name: "Granter", email: `${randomUUID()}@example.org`, by: SYSTEM_SETUP })
  return transact(deps, SYSTEM_SETUP, async (tx) => [await made(tx), await made(tx)] as const)
}

/** A browser: keeps cookies, says where its page is from. */
export interface Browser {
  call(method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: object): Promise<LightMyRequestResponse>
  readonly cookies: Map<string, string>
}

/** Opens a browser on the console's page. `address`: where its calls come from. */
export function browser(app: FastifyInstance, address = "198.51.100.7", origin = "http://localhost"): Browser {
  const cookies = new Map<string, string>()
  return {
    cookies,
    call: async (method, url, body) => {
      const request: InjectOptions = compact({
        method,
        url,
        remoteAddress: address,
        headers: { origin, host: new URL(origin).host },
        cookies: Object.fromEntries(cookies),
        payload: body,
      })
      const answer = await app.inject(request)
      for (const { name, value } of answer.cookies) {
        if (value === "") cookies.delete(name)
        else cookies.set(name, value)
      }
      return answer
    },
  }
}

/** Somebody with a browser, a password and an authenticator. */
export interface Member {
  readonly id: PersonId
  readonly email: string
  readonly totp: TOTP
  readonly browser: Browser
  /** The authenticator's code; a new one each time, as if 30 seconds had passed. */
  code(): string
  signIn(): Promise<LightMyRequestResponse>
  stepUp(): Promise<LightMyRequestResponse>
  /** As a service sees them. */
  actor(): Promise<PersonActor>
}

/** Uses a link to the end: password, authenticator, first code. */
export async function useLink(
  staff: Staff,
  url: string,
  body: { readonly email: string; readonly setup?: { readonly name: string; readonly second: object } },
): Promise<{ readonly member: Member; readonly second: { readonly url: string } | undefined }> {
  const { clock, app } = staff
  const own = browser(app, undefined, staff.origin)
  const token = url.slice(url.indexOf("#") + 1)
  const { email, setup } = body
  const opened =
    setup === undefined
      ? await own.call("POST", "/v1/join", { token, oneTimeCode: await codeFor(staff, token), password: PASSWORD })
      : await own.call("POST", "/v1/setup", { token, password: PASSWORD, email, ...setup })
  if (opened.statusCode !== 200) throw new Error(`link not opened: ${opened.body}`)
  const { enrolment, otpauthUri } = opened.json<{ enrolment: string; otpauthUri: string }>()
  const secret = new URL(otpauthUri).searchParams.get("secret") ?? ""
  const totp = new TOTP({ secret })
  const code = () => {
    clock.move(30_000)
    return totp.generate({ timestamp: clock.now().getTime() })
  }
  const confirmed = await own.call("POST", "/v1/join/confirm", { enrolment, code: code() })
  if (confirmed.statusCode !== 200) throw new Error(`link not confirmed: ${confirmed.body}`)
  const { personId, second } = confirmed.json<{ personId: PersonId; second?: { url: string } }>()
  const member: Member = {
    id: personId,
    email,
    totp,
    browser: own,
    code,
    signIn: () => own.call("POST", "/v1/sign-in", { email, password: PASSWORD, code: code() }),
    stepUp: () => own.call("POST", "/v1/step-up", { password: PASSWORD, code: code() }),
    actor: async () => {
      const access = await staff.people.access(personId)
      if (access === undefined) throw new Error("nobody")
      const soon = new Date(clock.now().getTime() + 60_000)
      return { kind: "person", id: personId, roles: access.roles, session: "session-test", steppedUpUntil: soon }
    },
  }
  return { member, second }
}

/** The code that the host makes for whose link this is. */
export async function codeFor({ signIn }: Staff, token: string): Promise<string> {
  const { personId } = await signIn.links.peek(token, "sent")
  const [made] = await signIn.codes.make([personId ?? ""])
  return made?.code ?? ""
}

/** Sets up: the first administrator and the second, both signed in. */
export async function found(staff: Staff): Promise<{ readonly first: Member; readonly second: Member }> {
  const link = await staff.signIn.joining.createSetupLink()
  const second = { name: "Second", email: "second@example.org" }
  const made = await useLink(staff, link?.url ?? "", { email: "first@example.org", setup: { name: "First", second } })
  const joined = await useLink(staff, made.second?.url ?? "", { email: second.email })
  await made.member.signIn()
  await joined.member.signIn()
  return { first: made.member, second: joined.member }
}

/** Makes somebody with roles that nobody in the test gave them. */
export async function addMember(staff: Staff, ...roles: readonly Role[]): Promise<Member> {
  const email = `${randomUUID()}@example.org`
  const id = await transact(staff, SYSTEM_SETUP, (tx) =>
    staff.people.create(tx, { name: "Somebody", email, by: SYSTEM_SETUP }),
  )
  for (const role of roles) await giveRole(staff, id, role)
  const url = await transact(staff, SYSTEM_SETUP, (tx) =>
    staff.signIn.links.make(tx, { kind: "invitation", personId: id, by: SYSTEM_SETUP }),
  )
  return (await useLink(staff, url.url, { email })).member
}

/** Gives a role that nobody in the test gave. */
export async function giveRole(staff: Staff, personId: PersonId, role: Role): Promise<void> {
  const given = { role, requestedBy: SYSTEM_SETUP, approvedBy: SYSTEM_SETUP }
  if (staff.granters === undefined) {
    await transact(staff, SYSTEM_SETUP, (tx) => staff.people.grant(tx, personId, given))
    return
  }
  const [requestedBy, approver] = await staff.granters()
  const [id, kind] = [`approval-${randomUUID()}`, "role.grant"]
  const requestedAt = staff.clock.now()
  const approval: Approval = {
    id,
    kind,
    subject: personId,
    payload: { role },
    state: "waiting",
    requestedBy,
    requestedAt,
    expiresAt: new Date(requestedAt.getTime() + 60_000),
    decidedBy: undefined,
    decidedAt: undefined,
    declineReason: undefined,
    grant: undefined,
    requestProof: undefined,
    approvalProof: undefined,
  }
  await transact(staff, requestedBy, async ({ trx, record }) => {
    await insertApproval(trx, approval)
    record({ type: "approval.requested", subject: id, data: { kind, about: personId, payload: { role } } })
  })
  await transact(staff, approver, async (tx) => {
    await staff.people.grant(tx, personId, { ...given, approval: id })
    await decideApproval(tx.trx, id, { state: "done", by: approver, at: staff.clock.now(), reason: undefined })
    tx.record({ type: "approval.approved", subject: id, data: { kind, about: personId, requestedBy } })
  })
}

/** Types of the events about something, in order. */
export async function eventsAbout(staff: Staff, subject: string): Promise<string[]> {
  return (await readEvents(staff.db, { subject })).map(({ type }) => type)
}
