/**
 * A person at the console: a browser's cookies, a password, an authenticator, and a signing key that stays with them.
 */

import { setTimeout as wait } from "node:timers/promises"
import {
  approvalTerms,
  type CustodyKeyPair,
  createPersonKey,
  enrolmentProof,
  proveApproval,
} from "@nightlight/contract/custodian"
import type { ApprovalView } from "@nightlight/contract/server"
import { type CookieCalls, cookieCalls } from "@nightlight/dev-env/command/cookie-calls"
import { TOTP } from "otpauth"

const PASSWORD = "correct horse battery"
const STEP_MS = 30_000
const LATE_MS = 6_000

/** A person at the console. */
export interface ConsolePerson extends CookieCalls {
  readonly id: string
  readonly key: CustodyKeyPair
  signIn(): Promise<void>
  /** Enrols the signing key with the custodian, by the host's code. */
  bringKey(code: string): Promise<void>
}

/** Signs an approval as its requester or its approver. */
async function signApproval({ id, key }: ConsolePerson, approval: ApprovalView, step: "request" | "approve") {
  return proveApproval(
    await approvalTerms(approval),
    { step, person: id, at: new Date().toISOString() },
    key.privateKey,
  )
}

/** One person requests an approval and signs it; another signs and approves it. Returns the result. */
export async function byTwo<Result = unknown>(
  first: ConsolePerson,
  second: ConsolePerson,
  { path, body = {} }: { readonly path: string; readonly body?: object },
): Promise<Result> {
  const asked = await first.must<{ readonly id?: string; readonly approvalId?: string }>("POST", path, body)
  const at = `/v1/approvals/${asked.approvalId ?? asked.id}`
  const approval = await first.must<ApprovalView>("GET", at)
  await first.must("POST", `${at}/sign`, { proof: await signApproval(first, approval, "request") })
  const proof = await signApproval(second, approval, "approve")
  return (await second.must<{ readonly result: Result }>("POST", `${at}/approve`, { proof })).result
}

/**
 * Follows a link to its end: the host's code (none for set-up), password, authenticator and first code; then signs in.
 */
export async function join(
  origin: string,
  url: string,
  email: string,
  opensWith: string | { readonly name: string; readonly second: { readonly name: string; readonly email: string } },
): Promise<{
  readonly person: ConsolePerson
  readonly second: { readonly personId: string; readonly url: string } | undefined
}> {
  const calls = cookieCalls(origin)
  const { must } = calls
  const token = url.slice(url.indexOf("#") + 1)
  const opened =
    typeof opensWith === "string"
      ? await must<{ enrolment: string; otpauthUri: string }>("POST", "/v1/join", {
          token,
          oneTimeCode: opensWith,
          password: PASSWORD,
        })
      : await must<{ enrolment: string; otpauthUri: string }>("POST", "/v1/setup", {
          token,
          password: PASSWORD,
          email,
          ...opensWith,
        })
  const totp = new TOTP({ secret: new URL(opened.otpauthUri).searchParams.get("secret") ?? "" })
  // The server also accepts the codes before and after the present one, each once, so three sign-ins need no wait.
  let step = -1
  const code = () => totp.generate({ timestamp: Date.now() + STEP_MS * step++ })
  // Near the end of a time step, the step's code may be too old when it arrives.
  const leftMs = STEP_MS - (Date.now() % STEP_MS)
  if (leftMs < LATE_MS) await wait(leftMs)
  const confirmed = await must<{ personId: string; second?: { personId: string; url: string } }>(
    "POST",
    "/v1/join/confirm",
    {
      enrolment: opened.enrolment,
      code: code(),
    },
  )
  const key = await createPersonKey()
  const person: ConsolePerson = {
    id: confirmed.personId,
    key,
    ...calls,
    signIn: async () => void (await must("POST", "/v1/sign-in", { email, password: PASSWORD, code: code() })),
    bringKey: async (hostCode) => {
      const proof = await enrolmentProof(hostCode, confirmed.personId, key.publicKey)
      await must("POST", "/v1/me/key", { publicKey: key.publicKey, proof })
    },
  }
  await person.signIn()
  return { person, second: confirmed.second }
}
