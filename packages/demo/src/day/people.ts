/**
 * The people of a demonstration: those of the day, whom the reader plays, and the night shift, whose keys live only while
 * the demonstration is made.
 * @module
 */

import { randomBytes } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"
import {
  type CustodianRole,
  type CustodyKeyPair,
  createPersonKey,
  documentDigest,
  enrolmentProof,
  proveApproval,
} from "@nightlight/contract/custodian"
import type { ActView } from "@nightlight/contract/server"
import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { TOTP } from "otpauth"
import { type Caller, createCaller } from "./caller.ts"
import type { DemoPerson } from "./folder.ts"

/** A role of the service. */
export type DemoRole =
  | "administrator"
  | "reviewer"
  | "senior-reviewer"
  | "reporter"
  | "counsel"
  | "auditor"
  | "custodian"
  | "policy-editor"

/** What the custodian knows people of a role as: whoever asks for or approves anything brings a key. */
const KNOWN_AS: Readonly<Partial<Record<DemoRole, CustodianRole>>> = {
  reviewer: "reviewer",
  "senior-reviewer": "senior-reviewer",
  reporter: "reporter",
  counsel: "counsel",
  custodian: "custodian",
  administrator: "approver",
  "policy-editor": "approver",
}

/** What the custodian knows people of a role as; `undefined` where they sign nothing. */
export function knownAs(role: string): CustodianRole | undefined {
  return KNOWN_AS[role as DemoRole]
}

/** Somebody to be hired. */
export interface Hire {
  readonly name: string
  readonly email: string
  readonly role: DemoRole
}

/** Somebody by the name of what they do; the address follows from it. */
export function toHire(name: string, role: DemoRole): Hire {
  return { name, role, email: `${name.toLowerCase().replaceAll(" ", ".")}@example.org` }
}

/** The two who set the installation up. */
export const ADMINISTRATORS = [
  toHire("Administrator One", "administrator"),
  toHire("Administrator Two", "administrator"),
] as const

/** The others of the day, invited by the two administrators in turn: who seconds whom are two whom each invited one of. */
export const DAY_SHIFT: readonly Hire[] = [
  toHire("Reviewer One", "reviewer"),
  toHire("Reviewer Two", "reviewer"),
  toHire("Senior Reviewer", "senior-reviewer"),
  toHire("Reporter", "reporter"),
  toHire("Counsel", "counsel"),
  toHire("Custodian", "custodian"),
  toHire("Auditor", "auditor"),
  toHire("Policy Editor", "policy-editor"),
]

/** Somebody signed in, while the demonstration is made. */
export interface Worker extends Caller {
  readonly id: string
  readonly key: CustodyKeyPair
}

/** Somebody invited, and the link that they join by. */
export interface Invited {
  readonly personId: string
  readonly url: string
}

/** What joining needs besides the link. */
export interface JoinRequest {
  readonly origin: string
  /** What the link opens with; set-up's needs none. */
  readonly oneTimeCode?: string
  readonly url: string
  readonly who: Hire
  readonly password: string
  readonly signal: AbortSignal
  /** Of set-up: who is invited as the second administrator. */
  readonly second?: Hire
}

/** Somebody who joined: what signs them in, and the second administrator's invitation. */
export interface Joined {
  readonly person: DemoPerson
  readonly second: Invited | undefined
  /** Signs them in. Good once: it uses the code of the moment. */
  signIn(): Promise<Caller & { readonly id: string }>
}

const STEP_MS = 30_000

/** So long before a step's end its neighbour's code may be too old when it arrives. */
const LATE_MS = 6_000

/** Waits, if the present step of every authenticator is nearly over, for the next one. */
async function untilEarlyInStep(signal: AbortSignal): Promise<void> {
  const leftMs = STEP_MS - (Date.now() % STEP_MS)
  if (leftMs < LATE_MS) await wait(leftMs, undefined, { signal })
}

/** A password that nobody has used before. */
export function newPassword(): string {
  return `Demonstration-${randomBytes(6).toString("base64url")}`
}

/**
 * Uses a link to its end. The first code is the one of the step before, so that the one of the moment stays good for a
 * sign-in.
 */
export async function join({ origin, url, oneTimeCode, who, password, signal, second }: JoinRequest): Promise<Joined> {
  const caller = createCaller(origin, signal)
  const { name, email, role } = who
  const token = url.slice(url.indexOf("#") + 1)
  type Opened = { readonly enrolment: string; readonly otpauthUri: string }
  const { enrolment, otpauthUri } =
    second === undefined
      ? await caller.must<Opened>("POST", "/v1/join", { token, oneTimeCode, password })
      : await caller.must<Opened>("POST", "/v1/setup", {
          token,
          name,
          email,
          password,
          second: { name: second.name, email: second.email },
        })
  const totpSecret = new URL(otpauthUri).searchParams.get("secret") ?? ""
  const totp = new TOTP({ secret: totpSecret })
  await untilEarlyInStep(signal)
  const confirmed = await caller.must<{ readonly personId: string; readonly second?: Invited }>(
    "POST",
    "/v1/join/confirm",
    { enrolment, code: totp.generate({ timestamp: Date.now() - STEP_MS }) },
  )
  const id = confirmed.personId
  return {
    person: { id, name, email, role, password, totpSecret, otpauthUri },
    second: confirmed.second,
    signIn: async () => {
      await caller.must("POST", "/v1/sign-in", { email, password, code: totp.generate() })
      return { id, ...caller }
    },
  }
}

/** Brings a new key to the custodian with the host's code, and keeps it for as long as this process lives. */
export async function withKey(worker: Caller & { readonly id: string }, code: string): Promise<Worker> {
  const key = await createPersonKey()
  const proof = await enrolmentProof(code, worker.id, key.publicKey)
  await worker.must("POST", "/v1/me/key", { publicKey: key.publicKey, proof })
  return { ...worker, key }
}

/** Signs an act of two people as whoever asks for it, or as its second. */
async function signAct({ id, key }: Worker, act: ActView, step: "ask" | "second") {
  const { id: actId, kind, subject, payload, grant } = act
  const approved = compact({
    actId,
    kind,
    subject,
    payloadSha256: await documentDigest(payload as JsonValue),
    grantSha256: grant === undefined ? undefined : await documentDigest(grant),
  })
  return proveApproval(approved, { step, person: id, at: new Date().toISOString() }, key.privateKey)
}

/** A call that asks for an act of two people. */
export interface Asking {
  readonly path: string
  readonly body: object
}

/** Asks for an act and signs it; it waits for its second. */
export async function askSigned(worker: Worker, { path, body }: Asking): Promise<ActView> {
  const asked = await worker.must<{ readonly id?: string; readonly actId?: string }>("POST", path, body)
  const at = `/v1/acts/${asked.actId ?? asked.id}`
  const act = await worker.must<ActView>("GET", at)
  return worker.must<ActView>("POST", `${at}/sign`, { proof: await signAct(worker, act, "ask") })
}

/** One asks for an act and signs it, another one signs and approves it. */
export async function byTwo(first: Worker, second: Worker, asking: Asking): Promise<void> {
  const act = await askSigned(first, asking)
  await second.must("POST", `/v1/acts/${act.id}/second`, { proof: await signAct(second, act, "second") })
}
