/**
 * The people of a demonstration: those of the day, whom the reader plays, and the night shift, whose keys live only while
 * the demonstration is made.
 * @module
 */
import { randomBytes } from "node:crypto"
import { type CustodyKeyPair, createPersonKey, enrolmentProof } from "@nightlight/contract/custodian"
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

/** Roles whose people prove acts to the custodian with a key of their own. */
export const KEY_ROLES = ["reviewer", "senior-reviewer", "reporter", "counsel"] as const
/** One of them. */
export type KeyRole = (typeof KEY_ROLES)[number]

/** Whether people of a role bring a key. */
export function bringsKey(role: string): role is KeyRole {
  return (KEY_ROLES as readonly string[]).includes(role)
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

/** The others of the day. */
export const DAY_SHIFT: readonly Hire[] = [
  toHire("Reviewer One", "reviewer"),
  toHire("Reviewer Two", "reviewer"),
  toHire("Senior Reviewer", "senior-reviewer"),
  toHire("Reporter", "reporter"),
  toHire("Counsel", "counsel"),
  toHire("Auditor", "auditor"),
  toHire("Custodian", "custodian"),
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
          ...{ token, name, email, password },
          second: { name: second.name, email: second.email },
        })
  const totpSecret = new URL(otpauthUri).searchParams.get("secret") ?? ""
  const totp = new TOTP({ secret: totpSecret })
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
